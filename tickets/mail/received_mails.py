"""Each mail that arrives has one row: under its Message-ID, or under its hash where that is taken or missing."""

import hashlib
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from tickets.mail import identity
from tickets.mail.mime import parsing
from tickets.mail.mime.addresses import Address
from tickets.mail.reading import Letter
from tickets.models import InboundMail, Message


@dataclass(frozen=True)
class Arrival:
    """A raw mail with where it is kept and what makes it the same mail when it comes again."""

    raw_path: str
    size: int
    sha256: str
    letter: Letter | None
    whole: bool = True  # False: only the headers could be read

    @property
    def mail(self) -> parsing.ParsedMail | None:
        return self.letter.mail if self.letter else None

    @property
    def identity(self) -> str:
        """The Message-ID; a hash where it has none, or one too long to be stored, or it could not be read."""
        given = self.mail.message_id if self.mail and self.whole else ""
        return given if 0 < len(given) <= 500 else f"sha256:{self.sha256}"

    @property
    def sender(self) -> Address | None:
        return identity.correspondent(self.mail, settings.SUPPORT_ADDRESS) if self.mail else None


def seen(arrival: Arrival) -> InboundMail | Message | None:
    """What became of the same mail's first arrival.

    The same id from another sender, or with another date or text, is not the same mail: nobody can suppress
    a mail by sending its id first, and some programs use one id for all they send. It is kept under its hash.
    """
    names = {arrival.identity, f"sha256:{arrival.sha256}"}
    rows = list(InboundMail.objects.filter(identity__in=names).select_related("message"))
    for row in rows:
        if _is_of(row, arrival.sha256) or _same(arrival, row.from_email, row.message, row):
            return row
    if arrival.letter is None or rows:
        return None
    known = Message.objects.filter(message_id=arrival.identity, kind=Message.Kind.CUSTOMER).first()
    if known is not None and _same(arrival, known.from_email, known):
        return known
    return None


def _is_of(row: InboundMail, sha256: str) -> bool:
    """Whether the row is of these very bytes: what is kept of them is named by their hash."""
    return row.identity == f"sha256:{sha256}" or sha256 in row.raw_path


def _same(arrival: Arrival, from_email: str, message: Message | None, row: InboundMail | None = None) -> bool:
    """Whether a mail with the same id is the same mail."""
    letter, sender = arrival.letter, arrival.sender
    if letter is None or from_email.lower() != (sender.email.lower() if sender else ""):
        return False
    if message is None and row is not None and (row.written_at is None or row.written_at != letter.mail.date):
        return False  # nothing of its text is kept
    if row is not None and row.written_at and letter.mail.date and row.written_at != letter.mail.date:
        return False
    if message is not None and not _says_the_same(message, letter):
        return False
    if row is None:
        return True
    return identity.same_text(row.subject, letter.mail.subject[:300]) or (
        bool(row.subject) and row.subject in letter.mail.subject
    )


def _says_the_same(message: Message, letter: Letter) -> bool:
    """The same words; where there are none, the same files."""
    if letter.text or message.text:
        return identity.same_text(message.text, letter.text)
    files = {hashlib.sha256(part.content).hexdigest() for part in letter.mail.attachments}
    return files == set(message.attachments.values_list("sha256", flat=True))


def facts(arrival: Arrival) -> dict[str, Any]:
    """What is known of a mail before anything is decided about it."""
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
    name = arrival.identity
    if InboundMail.objects.filter(identity=name).exists():
        name = f"sha256:{arrival.sha256}"
    return InboundMail.objects.create(identity=name, **facts(arrival))
