"""One change to several tickets. Each is changed by itself: one that cannot be changed stops no other.

Each ticket is changed once per submission: if the answer was lost, the same request again tells what was done.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn
from uuid import UUID

from django.db import IntegrityError, OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tickets import assignment, lifecycle, live, timeline
from tickets.models import Team, Ticket, TicketEvent, User

NOT_SAVED = gettext_lazy("This could not be saved. Try again.")
Change = Callable[[Ticket, User], Sequence[TicketEvent | None]]


class NotChanged(Exception):
    """`why`: a sentence for the member."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass
class Outcome:
    """Ids of tickets: those that were changed, those that were so already, and those that stay, with the reason.

    `events` undo the change.
    """

    changed: list[int] = field(default_factory=list)
    same: list[int] = field(default_factory=list)
    left: dict[int, str] = field(default_factory=dict)
    events: list[int] = field(default_factory=list)


def change(tickets: Iterable[Ticket], asked: Collection[int], actor: User, make: Change, submission: UUID) -> Outcome:
    """`tickets`: those of `asked` that the actor may change."""
    there, outcome = {ticket.pk: ticket for ticket in tickets}, Outcome()
    before = timeline.of_submission(submission, actor, asked)
    with live.gathered(), timeline.submitted(submission):
        for number in asked:
            try:
                events = before.get(number) or _made(there.get(number), actor, make)
            except NotChanged as refusal:
                outcome.left[number] = refusal.why
                continue
            (outcome.changed if events else outcome.same).append(number)
            outcome.events += events
    return outcome


def _made(ticket: Ticket | None, actor: User, make: Change) -> list[int]:
    try:
        return [event.pk for event in make(ticket, actor) if event] if ticket else _gone()
    except Ticket.DoesNotExist:
        return _gone()
    except (OperationalError, IntegrityError):  # as when two lock each other out
        raise NotChanged(str(NOT_SAVED)) from None


def _gone() -> NoReturn:
    raise NotChanged(_("This ticket no longer exists."))


def assign(assignee: User | None) -> Change:
    return lambda ticket, actor: [assignment.assign(ticket, assignee, actor)]


def set_team(team: Team | None) -> Change:
    return lambda ticket, actor: [assignment.set_team(ticket, team, actor)]


def set_priority(priority: int) -> Change:
    return lambda ticket, actor: [lifecycle.set_priority(ticket, priority, actor)]


def set_status(status: str) -> Change:
    return lambda ticket, actor: [lifecycle.set_status(ticket, status, actor)]


def snooze(until: datetime | None) -> Change:
    def make(ticket: Ticket, actor: User) -> list[TicketEvent | None]:
        try:
            return [lifecycle.snooze(ticket, actor, until)]
        except lifecycle.NotSnoozed as refusal:
            raise NotChanged(refusal.why) from None

    return make


def tag(names: Sequence[str]) -> Change:
    return lambda ticket, actor: [lifecycle.change_tags(ticket, actor, add=names)]


def untag(names: Sequence[str]) -> Change:
    return lambda ticket, actor: [lifecycle.change_tags(ticket, actor, remove=names)]


def close(tags: Sequence[str], unanswered: bool) -> Change:
    """`unanswered`: also if the customer's last message has no reply."""

    def make(ticket: Ticket, actor: User) -> list[TicketEvent]:
        try:
            return lifecycle.close(ticket, actor, tags, ask=not unanswered)
        except lifecycle.Unanswered:
            raise NotChanged(_("The customer’s last message has no reply.")) from None

    return make
