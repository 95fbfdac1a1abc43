"""Django's SMTP backend, with support for letters beyond ASCII before the @ (RFC 6531).

Django writes such an address as an encoded word, which is another mailbox. Domains beyond ASCII are no problem:
Django uses their ASCII form.
"""

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend as DjangoBackend
from django.core.mail.message import sanitize_address

_PLACEHOLDER = "address-beyond-ascii"


def is_international(email: str) -> bool:
    return not email.rpartition("@")[0].isascii()


def as_bytes(mail: EmailMessage) -> bytes:
    """The mail as it is sent. An international recipient is written in UTF-8."""
    if len(mail.to) != 1 or not is_international(mail.to[0]):
        return _as_django_writes(mail)
    wanted, domain = mail.to[0], mail.to[0].rpartition("@")[2]
    mail.to = [f"{_PLACEHOLDER}@{domain}"]
    try:
        line = f"To: {sanitize_address(mail.to[0], 'utf-8')}\r\n".encode()
        return _as_django_writes(mail).replace(line, f"To: {wanted}\r\n".encode(), 1)
    finally:
        mail.to = [wanted]


def _as_django_writes(mail: EmailMessage) -> bytes:
    raw: bytes = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
    return raw


class EmailBackend(DjangoBackend):
    """For mails with one recipient. Raises SMTPNotSupportedError if the server does not offer SMTPUTF8."""

    def _send(self, email_message: Any) -> bool:
        to: Sequence[str] = email_message.recipients()
        if not any(is_international(email) for email in to):
            return bool(super()._send(email_message))  # type: ignore[misc]
        sender = sanitize_address(email_message.from_email, "utf-8")
        assert self.connection is not None  # noqa: S101 - Django opens it before it calls this
        self.connection.sendmail(sender, list(to), as_bytes(email_message), mail_options=["SMTPUTF8", "BODY=8BITMIME"])
        return True
