"""Writes a queued reply as a mail, and sends it. The only module that talks to mail servers."""

import re
import smtplib
from collections.abc import Mapping
from contextlib import suppress
from email.encoders import encode_base64
from email.mime.base import MIMEBase
from email.utils import format_datetime, formataddr
from typing import Any, Literal

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tickets.mail import recipient_rows, smtp
from tickets.models import Attachment, Message, OutgoingMail, Ticket

_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
MAX_QUOTED_LINES = 60
MAX_QUOTED = 6000


class MailError(Exception):
    """`permanent`: never try again. `temporary`: not sent, try again. `uncertain`: it may have been sent.

    The message is English (tickets/models/stored_texts.py).
    """

    def __init__(self, message: str, kind: Literal["permanent", "temporary", "uncertain"]) -> None:
        super().__init__(message)
        self.kind = kind


class NotForAll(MailError):
    """The server did not take the mail for some of its recipients, or for none. Temporary if it is so for one of them.

    `refusals`: what it said, by address.
    """

    def __init__(self, refusals: Mapping[str, MailError]) -> None:
        first = min(refusals.values(), key=lambda each: each.kind != "temporary")
        super().__init__(str(first), first.kind)
        self.refusals = refusals


class ReplyMail(EmailMessage):
    """Its headers name all in To and Cc, but it is sent only to those for whom the server has not taken it yet.

    `refused`: what the server answered about recipients, by address as it was sent (tickets/mail/smtp.py fills it).
    """

    def __init__(self, *, waiting: list[str], **parts: Any) -> None:
        super().__init__(**parts)
        self.waiting = waiting
        self.refused: dict[str, tuple[int, bytes]] = {}

    def recipients(self) -> list[str]:
        return self.waiting


def reply_address(ticket: Ticket) -> str:
    local, _, domain = settings.SUPPORT_ADDRESS.partition("@")
    return f"{local}+{ticket.reply_token}@{domain}"


def build(row: OutgoingMail) -> ReplyMail:
    """The mail with its files. Raises MailError; then nothing has been sent."""
    mail = without_files(row)
    for attachment in row.message.attachments.filter(refused=""):
        try:
            with attachment.file.open("rb") as file:
                mail.attach(_part(attachment, file.read()))
        except FileNotFoundError as error:
            raise MailError(f"The file {attachment.filename} is missing in the storage.", "permanent") from error
        except OSError as error:
            raise MailError(f"The file {attachment.filename} cannot be read ({_short(error)}).", "temporary") from error
    return mail


def _part(attachment: Attachment, content: bytes) -> MIMEBase:
    """As base64 whatever the type, so that every byte arrives: mail.attach() would write texts and mails anew."""
    whole = attachment.content_type if _TYPE.fullmatch(attachment.content_type) else "application/octet-stream"
    if whole.startswith(("multipart/", "message/")):  # these may not be base64 (RFC 2046)
        whole = "application/octet-stream"
    part = MIMEBase(*whole.split("/"))
    part.set_payload(content)
    encode_base64(part)
    name = attachment.filename
    part.add_header("Content-Disposition", "attachment", filename=name if name.isascii() else ("utf-8", "", name))
    return part


def without_files(row: OutgoingMail) -> ReplyMail:
    """A reply is not marked as automatic, but has our own header, so that loops are recognized."""
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
    stored = recipient_rows.stored(message)
    return ReplyMail(
        subject=" ".join(row.subject.split()),
        body=body(message),
        from_email=formataddr((settings.SUPPORT_NAME, settings.SUPPORT_ADDRESS)),
        to=[each.email for each in stored.to],
        cc=[each.email for each in stored.cc],
        bcc=[each.email for each in stored.bcc],
        reply_to=[formataddr((settings.SUPPORT_NAME, reply_address(ticket)))],
        headers=headers,
        waiting=[each.email for each in message.recipients.all() if not each.accepted],
    )


def body(message: Message) -> str:
    """The reply, followed by the message that it answers, if one of its recipients wrote that: what somebody else wrote
    is not for them. Of a forward, followed by what is forwarded."""
    if message.kind == Message.Kind.FORWARD:
        return "\n\n".join(part for part in (message.text, message.quoted) if part) + "\n"
    answered = (
        Message.objects.filter(ticket=message.ticket, kind=Message.Kind.CUSTOMER, created_at__lte=message.created_at)
        .order_by("created_at", "id")
        .last()
    )
    if answered is None or not answered.text.strip() or not _wrote(answered, message):
        return f"{message.text}\n"
    shown = answered.text[:MAX_QUOTED].split("\n")
    lines = shown[:MAX_QUOTED_LINES]
    if len(shown) > MAX_QUOTED_LINES or len(answered.text) > MAX_QUOTED:
        lines.append("[…]")
    quoted = "\n".join(f"> {line}".rstrip() for line in lines)
    return f"{message.text}\n\n{_attribution(answered)}\n{quoted}\n"


def _wrote(answered: Message, reply: Message) -> bool:
    """Whether a recipient that the reply names wrote the message, and the customer knows it."""
    sender = (answered.from_email or answered.ticket.customer.email).lower()
    stored = recipient_rows.stored(reply)
    customer = reply.ticket.customer.email.lower()
    return sender in stored.shown and (sender == customer or customer in recipient_rows.stored(answered).emails)


def _attribution(answered: Message) -> str:
    """In the customer's language. Mail programs, and ours, recognize a quotation by this line."""
    language = answered.ticket.language
    with translation.override(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        at = answered.created_at
        date = f"{date_format(at, 'SHORT_DATE_FORMAT')}, {date_format(at, 'H:i')}"
        name = answered.from_name or answered.from_email
        text = _("On %(date)s UTC, %(name)s wrote:") if name else _("On %(date)s UTC, you wrote:")
        return text % {"date": date, "name": name}


def transmit(mail: ReplyMail) -> None:
    """Sends the mail to those who do not have it yet. NotForAll if the server does not take it for all of them.

    Once the connection is open, a missing answer is uncertain: the mail may have been sent.
    """
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise MailError(f"The mail server cannot be reached ({_short(error)}).", "temporary") from error
    try:
        connection.send_messages([mail])
    except smtplib.SMTPServerDisconnected as error:
        raise MailError("The mail server closed the connection without an answer.", "uncertain") from error
    except smtplib.SMTPRecipientsRefused as error:
        found = _refusals(mail, error.recipients)  # after a 421 without those whom the server was not asked about yet
        last = next(reversed(found.values()))
        raise NotForAll({email: found.get(email, last) for email in mail.waiting}) from error
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        text = "The mail server cannot send to this address, because it has letters beyond ASCII (no SMTPUTF8)."
        raise MailError(text, "permanent") from error
    except smtplib.SMTPException as error:
        raise MailError(f"The mail server does not accept this mail ({_short(error)}).", "permanent") from error
    except OSError as error:
        raise MailError(f"The connection to the mail server broke ({_short(error)}).", "uncertain") from error
    except (ValueError, UnicodeError, LookupError) as error:
        raise MailError(f"This mail cannot be written ({_short(error)}).", "permanent") from error
    finally:
        _close(connection)
    if mail.refused:
        raise NotForAll(_refusals(mail, mail.refused))


def _refusals(mail: ReplyMail, answers: Mapping[str, tuple[int, bytes]]) -> dict[str, MailError]:
    """By the addresses as we have them: the server got their domains in ASCII."""
    ours = {smtp.as_sent(email): email for email in mail.waiting}
    return {ours.get(email, email): _refused(code, why) for email, (code, why) in answers.items()}


def _refused(code: int, why: bytes | str) -> MailError:
    text = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
    kind: Literal["permanent", "temporary"] = "temporary" if 400 <= code < 500 else "permanent"
    return MailError(f"The mail server answered {code}: {' '.join(text.split())}"[:280], kind)


def _close(connection: BaseEmailBackend) -> None:
    """The outcome is known by now, so errors do not matter."""
    with suppress(OSError, smtplib.SMTPException):
        connection.close()


def _short(error: Exception) -> str:
    return type(error).__name__
