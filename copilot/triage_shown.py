"""The triage of a ticket as agents see it: quoted words with real values, whether a model or a person decided, and who
handles the latest message."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from config.formats import percent
from copilot.models import Route, Triage
from copilot.redaction import restore
from copilot.redaction.values import values_of
from copilot.routing import wording as route_wording
from copilot.triage import versions, wording
from copilot.triage.classifier import CATEGORY, SENTIMENT, URGENCY
from copilot.triage.correcting import shown
from copilot.triage.figures import SURE
from copilot.triage.signals import SENSITIVE
from tickets.models import Message, Ticket, User

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
    """`alarm`: not only a request. `dismissed`: an agent says that it is none, and `who`."""

    kind: str
    name: str
    words: str
    alarm: bool
    dismissed: bool = False
    who: User | None = None


@dataclass(frozen=True)
class Handled:
    """Who handles the latest message, by which rule, and what the copilot may not do with it ("" if it may do all)."""

    by: str
    now: bool
    why: str
    limit: str


@dataclass(frozen=True)
class Section:
    category: Judgement
    sentiment: Judgement
    urgency: Judgement
    before: list[str]  # sentiments of the customer's earlier messages
    signals: list[Signal]
    escalate: bool
    alarmed: bool  # by signals, not by the model
    handled: Handled | None
    trained: bool  # whether there is a classifier

    @property
    def known(self) -> bool:
        return bool(self.category.text or self.sentiment.text or self.urgency.text)


def section(ticket: Ticket) -> Section:
    first, latest = shown(ticket)
    found, route = signals(ticket), _route(ticket)
    quoted = [first.because.get(CATEGORY, "") if first else "", latest.because.get(URGENCY, "") if latest else ""]
    said = [*quoted, route.because.get("words", "") if route else "", *(each.words for each in found)]
    values = values_of(ticket, " ".join(said))

    def readable(words: str) -> str:
        return _short(restore(words, values))

    alarmed = any(each.alarm and not each.dismissed for each in found)
    return Section(
        category(ticket, first, readable),
        _sentiment(latest),
        _urgency(latest, readable),
        _before(ticket, latest),
        [replace(each, words=readable(each.words)) for each in found],
        alarmed or bool(latest and latest.escalate and not latest.dismissed),
        alarmed,
        _handled(route, readable) if route else None,
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


def signals(ticket: Ticket) -> list[Signal]:
    """One of a kind, with masked words, of all messages: a threat is not gone because the customer wrote again.

    The newest first, and those that agents dismissed in all messages last.
    """
    rows = Triage.objects.filter(message__ticket=ticket).order_by("-message__created_at", "-message_id")
    there: dict[str, str] = {}
    gone: dict[str, tuple[str, int]] = {}
    for found, dismissed in rows.values_list("signals", "dismissed"):
        for kind, words in found:
            if kind in dismissed:
                gone.setdefault(kind, (words, dismissed[kind]))
            else:
                there.setdefault(kind, words)
    only_gone = {kind: said for kind, said in gone.items() if kind not in there}
    who = User.objects.in_bulk({by for _words, by in only_gone.values()}) if only_gone else {}
    return [_signal(kind, words) for kind, words in there.items()] + [
        replace(_signal(kind, words), dismissed=True, who=who.get(by)) for kind, (words, by) in only_gone.items()
    ]


def readable_signals(ticket: Ticket) -> list[Signal]:
    found = signals(ticket)
    values = values_of(ticket, " ".join(each.words for each in found))
    return [replace(each, words=_short(restore(each.words, values))) for each in found]


def _signal(kind: str, words: str) -> Signal:
    return Signal(kind, wording.signal(kind), words, kind in SENSITIVE)


def _route(ticket: Ticket) -> Route | None:
    """Of the latest message; None until it has one."""
    latest = ticket.messages.filter(kind=Message.Kind.CUSTOMER).reverse()
    return Route.objects.filter(message=latest.values("pk")[:1]).first()


def _handled(route: Route, readable: Restore) -> Handled:
    because = route.because | {"words": readable(route.because.get("words", ""))}
    now = route.handling == Route.Handling.HUMAN_NOW
    why = route_wording.sentence(route.handling, because)
    by = route.get_handling_display() if now or route.drafted else _("Person, no draft")
    if route.drafted and route.handling == Route.Handling.AI_ONLY:
        by = _("%(handling)s · not yet") % {"handling": by}  # nothing has earned that (PRODUCT.md, §10)
    return Handled(by, now, why, route_wording.limit(route.may, because))


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
