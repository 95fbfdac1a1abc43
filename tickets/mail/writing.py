"""A queued reply as a mail, and the mail handed to the server. The one boundary to mail servers."""

import smtplib
from contextlib import suppress
from email.utils import format_datetime, formataddr
from typing import Literal

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from tickets.models import Message, OutgoingMail, Ticket

MAX_QUOTED_LINES = 60
MAX_QUOTED = 6000


class MailError(Exception):
    """`permanent`: never try again. `temporary`: nothing left, try again. `uncertain`: it may have left."""

    def __init__(self, message: str, kind: Literal["permanent", "temporary", "uncertain"]) -> None:
        super().__init__(message)
        self.kind = kind


def reply_address(ticket: Ticket) -> str:
    local, _, domain = settings.SUPPORT_ADDRESS.partition("@")
    return f"{local}+{ticket.reply_token}@{domain}"


def build(row: OutgoingMail) -> EmailMessage:
    """The reply with its files. Raises MailError: nothing has left then."""
    mail = letter(row)
    for attachment in row.message.attachments.filter(refused=""):
        try:
            with attachment.file.open("rb") as file:
                mail.attach(attachment.filename, file.read(), attachment.content_type)
        except FileNotFoundError as error:
            raise MailError(f"The file {attachment.filename} is no longer in the storage.", "permanent") from error
        except OSError as error:
            raise MailError(f"The file {attachment.filename} cannot be read ({_short(error)}).", "temporary") from error
    return mail


def letter(row: OutgoingMail) -> EmailMessage:
    """A person's reply: not marked as automatic, but with our own mark, so that a loop is seen."""
    message, ticket = row.message, row.message.ticket
    headers = {
        "Message-ID": f"<{message.message_id}>",
        "Date": format_datetime(timezone.now()),
        "X-Copydesk-Loop": settings.SUPPORT_ADDRESS,
        "X-Copydesk-Ticket": str(ticket.pk),
    }
    if message.in_reply_to:
        headers["In-Reply-To"] = f"<{message.in_reply_to}>"
        headers["References"] = " ".join(f"<{one}>" for one in message.references.split())
    return EmailMessage(
        subject=" ".join(row.subject.split()),
        body=body(message),
        from_email=formataddr((settings.SUPPORT_NAME, settings.SUPPORT_ADDRESS)),
        to=[row.to],
        reply_to=[formataddr((settings.SUPPORT_NAME, reply_address(ticket)))],
        headers=headers,
    )


def body(message: Message) -> str:
    """Our text, then what it answers, so that the customer need not look it up."""
    answered = (
        Message.objects.filter(ticket=message.ticket, kind=Message.Kind.CUSTOMER, created_at__lte=message.created_at)
        .order_by("created_at", "id")
        .last()
    )
    if answered is None or not answered.text.strip():
        return f"{message.text}\n"
    who = answered.from_name or answered.from_email or "you"
    shown = answered.text[:MAX_QUOTED].split("\n")
    lines = shown[:MAX_QUOTED_LINES]
    if len(shown) > MAX_QUOTED_LINES or len(answered.text) > MAX_QUOTED:
        lines.append("[…]")
    quoted = "\n".join(f"> {line}".rstrip() for line in lines)
    return f"{message.text}\n\nOn {answered.created_at:%d %b %Y, %H:%M} UTC, {who} wrote:\n{quoted}\n"


def transmit(mail: EmailMessage) -> None:
    """Hands the mail over. Until the connection is open nothing can have left; afterwards silence is uncertain."""
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise MailError(f"The mail server cannot be reached ({_short(error)}).", "temporary") from error
    try:
        connection.send_messages([mail])
    except smtplib.SMTPServerDisconnected as error:
        raise MailError("The mail server hung up without an answer.", "uncertain") from error
    except smtplib.SMTPRecipientsRefused as error:
        code, why = next(iter(error.recipients.values()), (550, b""))
        raise _refused(code, why) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        said = "This address has letters beyond ASCII, and the mail server cannot send to it (no SMTPUTF8)."
        raise MailError(said, "permanent") from error
    except smtplib.SMTPException as error:
        raise MailError(f"The mail server does not take this mail ({_short(error)}).", "permanent") from error
    except OSError as error:
        raise MailError(f"The line to the mail server broke ({_short(error)}).", "uncertain") from error
    except (ValueError, UnicodeError, LookupError) as error:
        raise MailError(f"This mail cannot be written ({_short(error)}).", "permanent") from error
    finally:
        _close(connection)


def _refused(code: int, why: bytes | str) -> MailError:
    text = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
    kind: Literal["permanent", "temporary"] = "temporary" if 400 <= code < 500 else "permanent"
    return MailError(f"The mail server said {code}: {' '.join(text.split())}"[:280], kind)


def _close(connection: BaseEmailBackend) -> None:
    """The outcome is known by now; a bad goodbye changes nothing."""
    with suppress(OSError, smtplib.SMTPException):
        connection.close()


def _short(error: Exception) -> str:
    return type(error).__name__
