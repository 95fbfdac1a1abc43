"""The drafts and tickets behind each figure: one definition that both counts them and lists them."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Coalesce, TruncDate

from copilot.models import Draft
from qa.metrics.selection import Period, Selection
from tickets.models import Message, Ticket

State, Review = Draft.State, Draft.Review

# A whole draft, or the part of one that somebody used or judged.
USABLE = Q(state=State.READY) | (Q(state__in=[State.STOPPED, State.FAILED], text__gt="") & ~Q(review=Review.PENDING))
# Upper ends of the classes of edit distance; the last class ends at 1.
EDGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Behind:
    """The drafts that a figure counts: `where`, with `at` (their date) in the period."""

    label: str
    at: str
    where: Q


SHOWN = "shown_at"
ENDED = "finished_at"
BEHIND = {
    "shown": Behind("Drafts shown", SHOWN, USABLE),
    "used": Behind("Accepted or edited", SHOWN, USABLE & Q(review__in=[Review.ACCEPTED, Review.EDITED])),
    "accepted": Behind("Accepted unedited", SHOWN, USABLE & Q(review=Review.ACCEPTED)),
    "edited": Behind("Edited", SHOWN, USABLE & Q(review=Review.EDITED)),
    "rejected": Behind("Rejected", SHOWN, USABLE & Q(review=Review.REJECTED)),
    "ignored": Behind("Ignored", SHOWN, USABLE & Q(review=Review.IGNORED)),
    "pending": Behind("Not judged yet", SHOWN, USABLE & Q(review=Review.PENDING)),
    "finished": Behind("Written to the end", ENDED, Q(state__in=[State.READY, State.NO_SOURCE])),
    "no_source": Behind("No source", ENDED, Q(state=State.NO_SOURCE)),
    "failed": Behind("Failed", ENDED, Q(state=State.FAILED)),
    "stopped": Behind("Stopped", ENDED, Q(state=State.STOPPED)),
    "unopened": Behind("Never shown", ENDED, Q(state=State.READY, shown_at=None)),
}
FIRST_RESPONSE = "first_response"


class Shown(NamedTuple):
    """What the figures need of one shown draft."""

    shown_at: datetime
    review: str
    reason: str
    reviewed_at: datetime | None
    distance: float | None
    agent: int | None
    category: str

    @property
    def seconds(self) -> float | None:
        """Seconds from shown to sent (or to the judgement); None while there is none."""
        return None if self.reviewed_at is None else (self.reviewed_at - self.shown_at).total_seconds()


class Answered(NamedTuple):
    """A ticket's two moments that make its first-response time."""

    created_at: datetime
    first_response_at: datetime

    @property
    def seconds(self) -> float:
        return (self.first_response_at - self.created_at).total_seconds()


class Ended(NamedTuple):
    """How many drafts of one category ended how on one day."""

    day: date
    category: str
    state: str
    opened: bool
    drafts: int


def distance_class(distance: float) -> int:
    """0 for up to 0.1, 1 for more than 0.1 up to 0.2, …, 9 for more than 0.9."""
    return bisect_left(EDGES, distance)


def in_distance_class(number: int) -> Q:
    lower = Q(edit_distance__gt=EDGES[number - 1]) if number else Q(edit_distance__isnull=False)
    return lower & Q(edit_distance__lte=EDGES[number] if number < len(EDGES) else 1)


def within(field: str, period: Period) -> Q:
    return Q(**{f"{field}__gte": period.start, f"{field}__lt": period.end})


def drafts(selection: Selection) -> QuerySet[Draft]:
    """Every draft of the filters, of any time. A draft's agent: who judged it, else whose ticket it is."""
    found = Draft.objects.annotate(agent=Coalesce("reviewed_by", "ticket__assignee"))
    if selection.team is not None:
        found = found.filter(ticket__team=selection.team)
    if selection.category is not None:
        found = found.filter(ticket__category=selection.category)
    if selection.agent is not None:
        found = found.filter(agent=selection.agent) if selection.agent else found.filter(agent=None)
    return found


def behind(selection: Selection, figure: str, reason: str = "", distance: int | None = None) -> QuerySet[Draft]:
    """The drafts that make up one figure, newest first."""
    what = BEHIND[figure]
    found = drafts(selection).filter(what.where).filter(within(what.at, selection.period))
    if reason:
        found = found.filter(reason=reason)
    if distance is not None:
        found = found.filter(in_distance_class(distance))
    return found.order_by(f"-{what.at}", "-id")


def answered(selection: Selection, period: Period) -> QuerySet[Ticket]:
    """Tickets whose first response fell into the period, newest first. Their agent: who wrote it."""
    found = Ticket.objects.filter(within("first_response_at", period))
    if selection.team is not None:
        found = found.filter(team=selection.team)
    if selection.category is not None:
        found = found.filter(category=selection.category)
    if selection.agent is not None:
        first = Message.objects.filter(
            ticket=OuterRef("pk"),
            kind=Message.Kind.REPLY,
            author=selection.agent,
            created_at=OuterRef("first_response_at"),
        )
        found = found.filter(Exists(first))
    return found.order_by("-first_response_at", "-id")


def shown_rows(selection: Selection) -> list[Shown]:
    """Everything shown in the period and in the one before it: one query for all their figures."""
    both = Period(selection.period.before.first, selection.period.last)
    rows = behind(selection.on(both), "shown").order_by()
    fields = ("review", "reason", "edit_distance", "agent", "ticket__category")
    return [
        Shown(_moment(shown), review, reason, None if judged is None else _moment(judged), distance, agent, category)
        for shown, judged, review, reason, distance, agent, category in rows.values_list(
            _text("shown_at"), _text("reviewed_at"), *fields
        )
    ]


def ended_counts(selection: Selection) -> list[Ended]:
    """How the writing of drafts ended in both periods, counted per day by the database in one query."""
    both = Period(selection.period.before.first, selection.period.last)
    rows = drafts(selection).filter(within(ENDED, both)).order_by()
    counted = rows.annotate(day=TruncDate(ENDED), opened=Q(shown_at__isnull=False)).values_list(
        "day", "ticket__category", "state", "opened"
    )
    return [
        Ended(day, category, state, bool(opened), count)
        for day, category, state, opened, count in counted.annotate(Count("pk"))
    ]


def answered_rows(selection: Selection) -> list[Answered]:
    both = Period(selection.period.before.first, selection.period.last)
    rows = answered(selection, both).order_by().values_list(_text("created_at"), _text("first_response_at"))
    return [Answered(_moment(created), _moment(first)) for created, first in rows]


def _text(field: str) -> Cast:
    """A moment as the database writes it: parsing it here costs a fifth of what the field's converters cost."""
    return Cast(field, CharField())


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)  # SQLite keeps UTC without saying so


def for_list(found: QuerySet[Draft]) -> QuerySet[Draft]:
    """With what a row shows: ticket, people, the sent text and what placeholders stand for."""
    rows = found.select_related("ticket__customer", "ticket__assignee", "reviewed_by", "reply")
    return rows.prefetch_related("ticket__masked_values")


def categories() -> Sequence[str]:
    return list(Ticket.objects.exclude(category="").order_by("category").values_list("category", flat=True).distinct())
