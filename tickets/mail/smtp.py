"""Django's SMTP backend, and addresses with letters beyond ASCII before the @ (RFC 6531).

Django writes such an address as an encoded word, which is another mailbox. A domain beyond ASCII needs
nothing of this: it has a spelling in ASCII, and Django uses it.
"""

from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.smtp import EmailBackend as DjangoBackend
from django.core.mail.message import sanitize_address

_STAND_IN = "address-beyond-ascii"


def is_international(email: str) -> bool:
    return not email.rpartition("@")[0].isascii()


def as_bytes(mail: EmailMessage) -> bytes:
    """The mail as it is sent; an international recipient stands in it as it is, in UTF-8."""
    if len(mail.to) != 1 or not is_international(mail.to[0]):
        return _written(mail)
    wanted, domain = mail.to[0], mail.to[0].rpartition("@")[2]
    mail.to = [f"{_STAND_IN}@{domain}"]
    try:
        line = f"To: {sanitize_address(mail.to[0], 'utf-8')}\r\n".encode()
        return _written(mail).replace(line, f"To: {wanted}\r\n".encode(), 1)
    finally:
        mail.to = [wanted]


def _written(mail: EmailMessage) -> bytes:
    raw: bytes = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
    return raw


class EmailBackend(DjangoBackend):
    """One mail, one recipient. A server that does not offer SMTPUTF8 refuses (SMTPNotSupportedError)."""

    def _send(self, email_message: Any) -> bool:
        to: Sequence[str] = email_message.recipients()
        if not any(is_international(email) for email in to):
            return bool(super()._send(email_message))  # type: ignore[misc]
        sender = sanitize_address(email_message.from_email, "utf-8")
        assert self.connection is not None  # noqa: S101 - Django opens it before it calls this
        self.connection.sendmail(sender, list(to), as_bytes(email_message), mail_options=["SMTPUTF8", "BODY=8BITMIME"])
        return True
