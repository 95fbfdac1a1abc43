"""The drafts and tickets that each figure counts. Figures and lists use the same definition."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Coalesce, TruncDate
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from copilot.models import Draft
from qa.metrics.selection import Period, Selection
from tickets.models import Category, Message, Ticket

State, Review = Draft.State, Draft.Review

# A complete draft, or part of one that an agent used or rejected.
USABLE = Q(state=State.READY) | (Q(state__in=[State.STOPPED, State.FAILED], text__gt="") & ~Q(review=Review.PENDING))
# Upper ends of the classes of edit distance. The last class ends at 1.
EDGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class Counted:
    """The drafts that a figure counts: those that match `where` and whose date `at` falls into the period."""

    label: str | Promise
    at: str
    where: Q


SHOWN = "shown_at"
ENDED = "finished_at"
COUNTED = {
    "shown": Counted(_("Drafts shown"), SHOWN, USABLE),
    "used": Counted(_("Accepted or edited"), SHOWN, USABLE & Q(review__in=[Review.ACCEPTED, Review.EDITED])),
    "accepted": Counted(_("Accepted unedited"), SHOWN, USABLE & Q(review=Review.ACCEPTED)),
    "edited": Counted(_("Edited"), SHOWN, USABLE & Q(review=Review.EDITED)),
    "rejected": Counted(_("Rejected"), SHOWN, USABLE & Q(review=Review.REJECTED)),
    "ignored": Counted(_("Ignored"), SHOWN, USABLE & Q(review=Review.IGNORED)),
    "pending": Counted(_("Not reviewed yet"), SHOWN, USABLE & Q(review=Review.PENDING)),
    "finished": Counted(_("Completed"), ENDED, Q(state__in=[State.READY, State.NO_SOURCE])),
    "no_source": Counted(_("No source"), ENDED, Q(state=State.NO_SOURCE)),
    "failed": Counted(_("Failed"), ENDED, Q(state=State.FAILED)),
    "by_rule": Counted(_("No draft by rule"), ENDED, Q(state=State.BY_RULE)),
    "stopped": Counted(_("Stopped"), ENDED, Q(state=State.STOPPED)),
    "unopened": Counted(_("Never shown"), ENDED, Q(state=State.READY, shown_at=None)),
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
        """Seconds from shown to sent or rejected. None while the draft is not reviewed."""
        return None if self.reviewed_at is None else (self.reviewed_at - self.shown_at).total_seconds()


class Answered(NamedTuple):
    """A ticket with a first response."""

    created_at: datetime
    first_response_at: datetime

    @property
    def seconds(self) -> float:
        return (self.first_response_at - self.created_at).total_seconds()


class Ended(NamedTuple):
    """The number of drafts of one category that ended in one state on one day."""

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
    """Every draft that agents can see and that passes the filters, from any time.

    Its agent: who reviewed it, else the ticket's assignee.
    """
    found = Draft.objects.visible().annotate(agent=Coalesce("reviewed_by", "ticket__assignee"))
    if selection.team is not None:
        found = found.filter(ticket__team=selection.team)
    if selection.category is not None:
        found = found.filter(ticket__category=selection.category or None)
    if selection.agent is not None:
        found = found.filter(agent=selection.agent) if selection.agent else found.filter(agent=None)
    return found


def counted_drafts(selection: Selection, figure: str, reason: str = "", distance: int | None = None) -> QuerySet[Draft]:
    """The drafts that one figure counts, newest first."""
    what = COUNTED[figure]
    found = drafts(selection).filter(what.where).filter(within(what.at, selection.period))
    if reason:
        found = found.filter(reason=reason)
    if distance is not None:
        found = found.filter(in_distance_class(distance))
    return found.order_by(f"-{what.at}", "-id")


def answered(selection: Selection, period: Period) -> QuerySet[Ticket]:
    """Tickets whose first response falls into the period, newest first. A ticket's agent: who wrote that response.

    Without those that we started: nobody has waited for a response since they were created.
    """
    found = Ticket.objects.filter(within("first_response_at", period)).exclude(channel=Ticket.Channel.OUTGOING)
    if selection.team is not None:
        found = found.filter(team=selection.team)
    if selection.category is not None:
        found = found.filter(category=selection.category or None)
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
    """The drafts shown in the period and in the one before: one query for the figures of both."""
    both = Period(selection.period.before.first, selection.period.last)
    rows = counted_drafts(selection.on(both), "shown").order_by()
    fields = ("review", "reason", "edit_distance", "agent", "ticket__category")
    return [
        Shown(
            *(_moment(shown), review, reason, None if ended is None else _moment(ended)),
            *(distance, agent, category or ""),
        )
        for shown, ended, review, reason, distance, agent, category in rows.values_list(
            _text("shown_at"), _text("reviewed_at"), *fields
        )
    ]


def ended_counts(selection: Selection) -> list[Ended]:
    """How drafts ended in the period and in the one before, counted per day in one query."""
    both = Period(selection.period.before.first, selection.period.last)
    rows = drafts(selection).filter(within(ENDED, both)).order_by()
    counted = rows.annotate(day=TruncDate(ENDED), opened=Q(shown_at__isnull=False)).values_list(
        "day", "ticket__category", "state", "opened"
    )
    return [
        Ended(day, category or "", state, bool(opened), count)
        for day, category, state, opened, count in counted.annotate(Count("pk"))
    ]


def answered_rows(selection: Selection) -> list[Answered]:
    both = Period(selection.period.before.first, selection.period.last)
    rows = answered(selection, both).order_by().values_list(_text("created_at"), _text("first_response_at"))
    return [Answered(_moment(created), _moment(first)) for created, first in rows]


def _text(field: str) -> Cast:
    """A timestamp as the database writes it: parsing it here takes a fifth of the time of Django's converters."""
    return Cast(field, CharField())


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)  # SQLite stores UTC without an offset


def for_list(found: QuerySet[Draft]) -> QuerySet[Draft]:
    """With everything that a row shows: ticket, members, reply, and the values that placeholders stand for."""
    rows = found.select_related("ticket__customer", "ticket__assignee", "reviewed_by", "reply")
    return rows.prefetch_related("ticket__masked_values")


def categories() -> dict[str, str]:
    """The labels of all categories of tickets by slug, in the order that admins gave them."""
    return {category.slug: category.label for category in Category.objects.all()}
