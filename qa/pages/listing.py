"""The rows behind a figure, one page at a time, as the list and its CSV show them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from config.numbers import whole
from copilot.models import Draft
from copilot.redaction import restore
from copilot.redaction.values import values_of
from qa.metrics import reads
from qa.metrics.reads import BEHIND, FIRST_RESPONSE, Review, State
from qa.metrics.selection import Selection
from qa.pages import wording
from qa.pages.diffing import Piece, word_diff
from qa.pages.wording import Unit
from tickets.models import Message, Ticket

PAGE = 25
CHIPS = {Review.ACCEPTED: "chip-ok", Review.EDITED: "chip-sel", Review.REJECTED: "chip-bad"}


@dataclass(frozen=True)
class Wanted:
    """Which figure's rows: `reason` narrows rejected ones, `distance` edited ones to a class."""

    selection: Selection
    figure: str = "shown"
    reason: str = ""
    distance: int | None = None

    @property
    def tickets(self) -> bool:
        return self.figure == FIRST_RESPONSE

    @property
    def at(self) -> str:
        """The field that dates and orders the rows."""
        return "first_response_at" if self.tickets else BEHIND[self.figure].at

    @property
    def label(self) -> str:
        if self.tickets:
            return "Tickets answered for the first time"
        label = BEHIND[self.figure].label
        if self.reason:
            return f"{label}: {dict(Draft.Reason.choices)[self.reason].lower()}"
        if self.distance is not None:
            return f"{label}: edit distance {self.distance / 10:.1f} to {(self.distance + 1) / 10:.1f}"
        return label

    def query(self, **more: object) -> str:
        narrowing: dict[str, object] = {"figure": self.figure}
        if self.reason:
            narrowing["reason"] = self.reason
        if self.distance is not None:
            narrowing["distance"] = self.distance
        return self.selection.query(**narrowing, **more)

    def rows(self) -> QuerySet[Any]:
        """All of them, newest first."""
        if self.tickets:
            return reads.answered(self.selection, self.selection.period)
        return reads.behind(self.selection, self.figure, self.reason, self.distance)


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    after: str = ""  # cursor of the next page; empty at the end


@dataclass(frozen=True)
class DraftRow:
    """One draft as a person reads it."""

    draft: Draft
    at: datetime
    unit: Unit = wording.SECONDS

    @property
    def ticket(self) -> Ticket:
        return self.draft.ticket

    @property
    def url(self) -> str:
        return reverse("tickets:ticket", args=[self.draft.ticket_id])

    @property
    def agent(self) -> str:
        person = self.draft.reviewed_by or self.draft.ticket.assignee
        return person.name if person else ""

    @property
    def outcome(self) -> str:
        """The judgement; of a draft that was never shown, how its writing ended."""
        draft = self.draft
        if draft.review == Review.PENDING and draft.state != State.READY:
            return draft.get_state_display()
        if draft.review == Review.PENDING:
            return BEHIND["pending" if draft.shown_at else "unopened"].label
        return draft.get_review_display()

    @property
    def chip(self) -> str:
        if self.draft.review == Review.PENDING and self.draft.state in (State.NO_SOURCE, State.FAILED):
            return "chip-warn"
        return CHIPS.get(Review(self.draft.review), "")

    @property
    def distance(self) -> str:
        return wording.distance(self.draft.edit_distance)

    @property
    def seconds(self) -> float | None:
        draft = self.draft
        return (draft.reviewed_at - draft.shown_at).total_seconds() if draft.reviewed_at and draft.shown_at else None

    @property
    def duration(self) -> str:
        return self.unit(self.seconds)

    @cached_property
    def text(self) -> str:
        """The draft with real values, which `reads.for_list` has fetched already."""
        return restore(self.draft.text, values_of(self.ticket, self.draft.text))

    @cached_property
    def diff(self) -> list[Piece]:
        """Draft to reply, only where somebody edited and the reply is still there."""
        edited = self.draft.review == Review.EDITED and self.draft.reply is not None
        return word_diff(self.text, self.draft.reply.text) if edited and self.draft.reply else []


@dataclass(frozen=True)
class TicketRow:
    """One ticket with its first response."""

    ticket: Ticket
    at: datetime
    unit: Unit = wording.SECONDS

    @property
    def url(self) -> str:
        return reverse("tickets:ticket", args=[self.ticket.pk])

    @property
    def agent(self) -> str:
        return " ".join(filter(None, [self.ticket.first_name, self.ticket.last_name]))  # type: ignore[attr-defined]

    @property
    def seconds(self) -> float:
        return (self.at - self.ticket.created_at).total_seconds()

    @property
    def duration(self) -> str:
        return self.unit(self.seconds)


def page(wanted: Wanted, after: str = "", size: int = PAGE) -> Page:
    """One page behind the cursor. A cursor that cannot be read starts at the newest row."""
    found = _with_responder(wanted.rows()) if wanted.tickets else reads.for_list(wanted.rows())
    cursor = _parse(after)
    if cursor is not None:
        moment, row_id = cursor
        found = found.filter(Q(**{f"{wanted.at}__lt": moment}) | Q(**{wanted.at: moment}, pk__lt=row_id))
    rows = list(found[: size + 1])
    make: Callable[[Any, datetime], DraftRow | TicketRow] = TicketRow if wanted.tickets else DraftRow
    last = rows[size - 1] if len(rows) > size else None
    made = [make(row, getattr(row, wanted.at)) for row in rows[:size]]
    unit = wording.unit_for(row.seconds for row in made)
    return Page([replace(row, unit=unit) for row in made], "" if last is None else _cursor(last, wanted.at))


def _with_responder(found: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """With the name of who wrote the first response."""
    first = Message.objects.filter(
        ticket=OuterRef("pk"), kind=Message.Kind.REPLY, created_at=OuterRef("first_response_at")
    )
    return found.annotate(
        first_name=Subquery(first.values("author__first_name")[:1]),
        last_name=Subquery(first.values("author__last_name")[:1]),
    ).select_related("customer")


def _cursor(row: Model, at: str) -> str:
    return f"{getattr(row, at).isoformat()}~{row.pk}"


def _parse(after: str) -> tuple[datetime, int] | None:
    try:
        moment, row_id = after.replace(" ", "+").split("~")
        found, number = datetime.fromisoformat(moment), whole(row_id)
        return None if found.tzinfo is None or number is None else (found, number)
    except ValueError:
        return None
