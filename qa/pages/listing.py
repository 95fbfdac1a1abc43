"""The rows that a figure counts, one page at a time, for the list and its CSV."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Model, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from config import formats
from config.numbers import whole
from copilot.drafting import notices
from copilot.models import Draft
from copilot.redaction import restore
from copilot.redaction.values import values_of
from qa.metrics import reads
from qa.metrics.reads import COUNTED, FIRST_RESPONSE, Review, State
from qa.metrics.selection import Selection
from qa.pages import wording
from qa.pages.diffing import Piece, word_diff
from qa.pages.wording import Unit
from tickets.models import Message, Ticket

PAGE = 25
CHIPS = {Review.ACCEPTED: "chip-ok", Review.EDITED: "chip-sel", Review.REJECTED: "chip-bad"}


@dataclass(frozen=True)
class FigureList:
    """The rows of one figure: with `reason` only drafts rejected for it, with `distance` only that class of edits."""

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
        return "first_response_at" if self.tickets else COUNTED[self.figure].at

    @property
    def label(self) -> str:
        if self.tickets:
            return _("Tickets answered for the first time")
        if self.reason:
            return _("Rejected: %(reason)s") % {"reason": Draft.Reason(self.reason).label}
        if self.distance is not None:
            low, high = (formats.decimal(end / 10, 1) for end in (self.distance, self.distance + 1))
            return _("Edited: edit distance %(low)s to %(high)s") % {"low": low, "high": high}
        return str(COUNTED[self.figure].label)

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
        return reads.counted_drafts(self.selection, self.figure, self.reason, self.distance)


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    after: str = ""  # cursor of the next page, empty on the last


@dataclass(frozen=True)
class DraftRow:
    """One draft in the list."""

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
        """What became of the draft. If it was never reviewed, how its writing ended."""
        draft = self.draft
        if draft.review == Review.PENDING and draft.state != State.READY:
            return draft.get_state_display()
        if draft.review == Review.PENDING:
            return str(COUNTED["pending" if draft.shown_at else "unopened"].label)
        return draft.get_review_display()

    @property
    def error(self) -> str:
        """Why writing failed, in the language of the page."""
        return notices.error_text(self.draft)

    @property
    def chip(self) -> str:
        if self.draft.review == Review.PENDING and self.draft.state in (State.NO_SOURCE, State.BY_RULE, State.FAILED):
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
        """The draft with real values for placeholders. `reads.for_list` has fetched them."""
        return restore(self.draft.text, values_of(self.ticket, self.draft.text))

    @cached_property
    def diff(self) -> list[Piece]:
        """The changes from draft to reply. Empty unless the draft was edited and the reply still exists."""
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


def page(listed: FigureList, after: str = "", size: int = PAGE) -> Page:
    """The page after the cursor. An invalid cursor counts as none."""
    found = _with_responder(listed.rows()) if listed.tickets else reads.for_list(listed.rows())
    cursor = _parse(after)
    if cursor is not None:
        moment, row_id = cursor
        found = found.filter(Q(**{f"{listed.at}__lt": moment}) | Q(**{listed.at: moment}, pk__lt=row_id))
    rows = list(found[: size + 1])
    make: Callable[[Any, datetime], DraftRow | TicketRow] = TicketRow if listed.tickets else DraftRow
    last = rows[size - 1] if len(rows) > size else None
    made = [make(row, getattr(row, listed.at)) for row in rows[:size]]
    unit = wording.unit_for(row.seconds for row in made)
    return Page([replace(row, unit=unit) for row in made], "" if last is None else _cursor(last, listed.at))


def _with_responder(found: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Adds the name of who wrote the first response."""
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
