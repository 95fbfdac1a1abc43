"""Mail backend of the demo: writes each mail to a file under MAIL_DIR/out."""

import re
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from tickets.mail import smtp
from tickets.mail.store import sha256, write_atomically


class EmailBackend(BaseEmailBackend):
    """Writes `MAIL_DIR/out/<message-id>.eml`, completely or not at all."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for mail in email_messages:
            message = mail.message()
            raw = smtp.as_bytes(mail)
            name = re.sub(r"[^\w.@+-]", "_", str(message.get("Message-ID") or "").strip("<> "))[:180].lstrip(".")
            write_atomically(Path(settings.MAIL_DIR) / "out" / f"{name or sha256(raw)}.eml", raw)
        return len(email_messages)
