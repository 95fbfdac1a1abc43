"""Django's SMTP backend, with support for letters beyond ASCII before the @ (RFC 6531), and for several recipients of
whom the server refuses some, which Django does not tell.

Django writes such an address as an encoded word, which is another mailbox. Domains beyond ASCII are no problem:
Django uses their ASCII form.
"""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend as DjangoBackend
from django.core.mail.message import sanitize_address


def is_international(email: str) -> bool:
    return not email.rpartition("@")[0].isascii()


def as_sent(email: str) -> str:
    """The address as the server gets it."""
    return email if is_international(email) else sanitize_address(email, "utf-8")


def can_send(email: str) -> bool:
    """Whether the server would get this address, and not another one or none: an odd name or domain fails the mail for
    all its recipients."""
    try:
        sent = as_sent(email)
        email.rpartition("@")[2].encode("idna")
    except ValueError:
        return False
    return sent.rpartition("@")[0] == email.rpartition("@")[0]


def as_bytes(mail: EmailMessage) -> bytes:
    """The mail as it is sent. International recipients are written in UTF-8."""
    to, cc = mail.to, mail.cc
    names: dict[str, str] = {}
    mail.to, mail.cc = _ascii(to, names), _ascii(cc, names)
    try:
        raw: bytes = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
    finally:
        mail.to, mail.cc = to, cc
    for name, email in names.items():
        raw = raw.replace(name.encode(), email.encode(), 1)
    return raw


def _ascii(emails: Sequence[str], names: dict[str, str]) -> list[str]:
    """A name that stands for each international address until the mail is bytes."""
    found = []
    for email in emails:
        if is_international(email):
            name = f"{uuid4().hex}@beyond-ascii.invalid"  # random: nobody can write it into the subject
            names[name] = email
        found.append(name if is_international(email) else email)
    return found


class EmailBackend(DjangoBackend):
    """Raises SMTPNotSupportedError if the server does not offer SMTPUTF8 and a recipient needs it.

    Recipients that the server refused, while it took the mail for others, are in `refused` of the mail.
    """

    def _send(self, email_message: Any) -> bool:
        to: list[str] = email_message.recipients()
        if not to:
            return False
        sender = sanitize_address(email_message.from_email, "utf-8")
        written = {*to, *email_message.to, *email_message.cc}
        beyond = ["SMTPUTF8", "BODY=8BITMIME"] if any(is_international(email) for email in written) else []
        assert self.connection is not None  # noqa: S101 - Django opens it before it calls this
        sent_to = [as_sent(email) for email in to]
        email_message.refused = self.connection.sendmail(sender, sent_to, as_bytes(email_message), beyond)
        return True
