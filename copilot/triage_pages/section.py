"""The triage of a ticket as agents see it: quoted words with real values, and whether a model or a person decided."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from config.formats import percent
from copilot.models import Triage
from copilot.redaction import restore
from copilot.redaction.values import values_of
from copilot.triage import versions, wording
from copilot.triage.classifier import CATEGORY, SENTIMENT, URGENCY
from copilot.triage.correcting import shown
from copilot.triage.figures import SURE
from tickets.models import Ticket, User

BEFORE = 5  # earlier messages of the customer
SHOWN = 90  # characters of quoted words
Restore = Callable[[str], str]


@dataclass(frozen=True)
class Judgement:
    """`text`: "" if nobody has judged. A person's has `who` and `at`, a model's has `model`."""

    text: str = ""
    model: bool = False
    confidence: str = ""
    check: bool = False
    words: str = ""
    who: User | None = None
    at: datetime | None = None
    confirmed: bool = False


@dataclass(frozen=True)
class Signal:
    name: str
    words: str


@dataclass(frozen=True)
class Section:
    category: Judgement
    sentiment: Judgement
    urgency: Judgement
    before: list[str]  # sentiments of the customer's earlier messages
    signals: list[Signal]
    escalate: bool
    trained: bool  # whether there is a classifier

    @property
    def known(self) -> bool:
        return bool(self.category.text or self.sentiment.text or self.urgency.text)


def section(ticket: Ticket) -> Section:
    first, latest = shown(ticket)
    signals = _signals(ticket)
    quoted = [first.because.get(CATEGORY, "") if first else "", latest.because.get(URGENCY, "") if latest else ""]
    values = values_of(ticket, " ".join([*quoted, *signals.values()]))

    def readable(words: str) -> str:
        return _short(restore(words, values))

    return Section(
        category(ticket, first, readable),
        _sentiment(latest),
        _urgency(latest, readable),
        _before(ticket, latest),
        [Signal(wording.signal(kind), readable(words)) for kind, words in signals.items()],
        bool(signals) or bool(latest and latest.escalate),
        bool(versions.current()),
    )


def category(ticket: Ticket, row: Triage | None, readable: Restore = str) -> Judgement:
    """The ticket's own category counts: a row may be of a message that did not change it."""
    slug = ticket.category_id or ""
    said = row.said.get(CATEGORY, "") if row else ""
    name = ticket.category.label if ticket.category else _("None of the categories")
    if row and CATEGORY in row.corrected:
        confirmed = bool(row.model_id and said == slug)
        return Judgement(name, who=row.corrected_by, at=row.corrected_at, confirmed=confirmed)
    if row and row.model_id and (row.category_id or "") == slug:
        sure, words = row.confidence or 0.0, readable(row.because.get(CATEGORY, ""))
        return Judgement(name, True, percent(sure), sure < SURE, words)
    return Judgement(name if slug else "")  # given by neither, as in an import


def _sentiment(row: Triage | None) -> Judgement:
    if row is None or not row.sentiment:
        return Judgement()
    name = row.get_sentiment_display()
    return _by_person(row, name) if SENTIMENT in row.corrected else Judgement(name, model=True)


def _urgency(row: Triage | None, readable: Restore) -> Judgement:
    if row is None or not row.urgency:
        return Judgement()
    name = wording.urgency(row.urgency)
    if URGENCY in row.corrected:
        return _by_person(row, name)
    return Judgement(name, model=True, words=readable(row.because.get(URGENCY, "")))


def _by_person(row: Triage, name: str) -> Judgement:
    return Judgement(name, who=row.corrected_by, at=row.corrected_at)


def _signals(ticket: Ticket) -> dict[str, str]:
    """Masked words by kind, of all messages: a threat is not gone because the customer wrote again. Newest first."""
    rows = Triage.objects.filter(message__ticket=ticket).order_by("-message__created_at", "-message_id")
    found: dict[str, str] = {}
    for signals in rows.values_list("signals", flat=True):
        for kind, words in signals:
            found.setdefault(kind, words)
    return found


def _before(ticket: Ticket, latest: Triage | None) -> list[str]:
    """How the customer sounded in the messages before the latest one of this ticket, oldest first."""
    if latest is None:
        return []
    rows = Triage.objects.filter(message__ticket__customer=ticket.customer_id).exclude(sentiment="")
    earlier = rows.filter(message__created_at__lt=latest.message.created_at).order_by("-message__created_at", "-pk")
    return _names(reversed(earlier.values_list("sentiment", flat=True)[:BEFORE]))


def _names(sentiments: Iterable[str]) -> list[str]:
    return [str(Triage.Sentiment(each).label) for each in sentiments]


def _short(words: str) -> str:
    plain = " ".join(words.split())
    return plain if len(plain) <= SHOWN else f"{plain[: SHOWN - 1].rstrip()}…"
