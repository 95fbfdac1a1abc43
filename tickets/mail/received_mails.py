"""One row for each incoming mail, by its Message-ID, or by its hash if the id is missing or taken."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from tickets.mail import identity
from tickets.mail.mime import parsing
from tickets.mail.mime.addresses import Address
from tickets.mail.reading import MailContent
from tickets.models import InboundMail, Message


@dataclass(frozen=True)
class Arrival:
    """An incoming mail: where its raw bytes are stored, and what was read of it."""

    raw_path: str
    size: int
    sha256: str
    content: MailContent | None
    whole: bool = True  # False: only the headers could be read

    @property
    def mail(self) -> parsing.ParsedMail | None:
        return self.content.mail if self.content else None

    @property
    def identity(self) -> str:
        """The Message-ID. A hash if there is none, if it is too long to be stored, or if the mail cannot be read."""
        given = self.mail.message_id if self.mail and self.whole else ""
        return given if 0 < len(given) <= 500 else f"sha256:{self.sha256}"

    @property
    def sender(self) -> Address | None:
        return identity.correspondent(self.mail, settings.SUPPORT_ADDRESS) if self.mail else None


def find_earlier(arrival: Arrival) -> InboundMail | Message | None:
    """The row or message of the same mail, if it arrived before.

    A mail with the same id but another sender, date or text is another mail, and is identified by its hash: nobody
    can suppress a mail by sending its id first, and some programs use one id for all their mails.
    """
    names = {arrival.identity, f"sha256:{arrival.sha256}"}
    rows = list(InboundMail.objects.filter(identity__in=names).select_related("message"))
    for row in rows:
        if _has_same_bytes(row, arrival.sha256) or _same(arrival, row.from_email, row.message, row):
            return row
    if arrival.content is None or rows:
        return None
    known = Message.objects.filter(
        message_id=arrival.identity, kind__in=[Message.Kind.CUSTOMER, Message.Kind.OTHER]
    ).first()
    if known is not None and _same(arrival, known.from_email, known):
        return known
    return None


def _has_same_bytes(row: InboundMail, sha256: str) -> bool:
    """Raw mails are stored under their hash."""
    return row.identity == f"sha256:{sha256}" or sha256 in row.raw_path


def _same(arrival: Arrival, from_email: str, message: Message | None, row: InboundMail | None = None) -> bool:
    """Whether a mail with the same id is the same mail."""
    content, sender = arrival.content, arrival.sender
    if content is None or from_email.lower() != (sender.email.lower() if sender else ""):
        return False
    if message is None and row is not None and (row.written_at is None or row.written_at != content.mail.date):
        return False  # there is no text to compare
    if row is not None and row.written_at and content.mail.date and row.written_at != content.mail.date:
        return False
    if message is not None and not _has_same_content(message, content):
        return False
    if row is None:
        return True
    return identity.same_text(row.subject, content.mail.subject[:300]) or (
        bool(row.subject) and row.subject in content.mail.subject
    )


def _has_same_content(message: Message, content: MailContent) -> bool:
    """The same words. If there are none: the same files."""
    if content.text or message.text:
        return identity.same_text(message.text, content.text)
    files = {hashlib.sha256(part.content).hexdigest() for part in content.mail.attachments}
    return files == set(message.attachments.values_list("sha256", flat=True))


def facts(arrival: Arrival) -> dict[str, Any]:
    """The values of a row before anything is decided about the mail."""
    mail, sender = arrival.mail, arrival.sender
    return {
        "action": InboundMail.Action.QUARANTINED,
        "from_email": sender.email if sender else "",
        "subject": mail.subject[:300] if mail else "",
        "raw_path": arrival.raw_path,
        "size": arrival.size,
        "written_at": mail.date if mail else None,
    }


def claim(arrival: Arrival) -> InboundMail:
    """Adds the row of this mail. Fails if another process adds it at the same moment."""
    name = arrival.identity
    if InboundMail.objects.filter(identity=name).exists():
        name = f"sha256:{arrival.sha256}"
    return InboundMail.objects.create(identity=name, **facts(arrival))
