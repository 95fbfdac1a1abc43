"""Undoes what a member changed on tickets: each event of the timeline says what was before.

Only what is still as that member left it is undone. Undoing a reply is outbox.undo, a transfer
assignment.undo_transfer: they have more to put back than the ticket.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.signal_delivery import send_on_commit
from tickets import assignment, lifecycle, live, signals, timeline
from tickets.models import Ticket, TicketEvent, TicketQuerySet, User
from tickets.models.tickets import NEVER

Kind = TicketEvent.Kind
UNDO_SECONDS = 3600
GONE = _("This can no longer be undone.")  # the event of an earlier version, or of something else


class NotUndone(Exception):
    """Nothing was undone. `why`: a sentence for the member."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass
class Outcome:
    """Ids of tickets that are as before, and of those that are not or not entirely, with the reason."""

    undone: list[int] = field(default_factory=list)
    left: dict[int, str] = field(default_factory=dict)


def undo(tickets: TicketQuerySet, events: Iterable[int], actor: User) -> Outcome:
    """Events of `actor` on `tickets`, the newest first; others are passed over."""
    since = timezone.now() - timedelta(seconds=UNDO_SECONDS)
    own = TicketEvent.objects.filter(pk__in=events, actor=actor, at__gte=since, kind__in=BACK, ticket__in=tickets)
    left: dict[int, str] = {}
    seen: dict[int, None] = {}
    with live.gathered():
        for event in own.order_by("-pk"):
            seen[event.ticket_id] = None
            try:
                _undo(event, actor)
            except NotUndone as refusal:
                left.setdefault(event.ticket_id, refusal.why)
    return Outcome([number for number in seen if number not in left], left)


def _undo(event: TicketEvent, actor: User) -> None:
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=event.ticket_id)
        BACK[Kind(event.kind)](locked, event, actor)


def _check_latest(ticket: Ticket, event: TicketEvent, *kinds: Kind) -> None:
    last = timeline.last_move(ticket, kinds or {Kind(event.kind)})
    if last is None or last.pk != event.pk:
        raise NotUndone(str(_("Somebody has changed this ticket since.")))


def _status(ticket: Ticket, event: TicketEvent, actor: User) -> None:
    was = event.data["was"]
    snoozed = {"wakes_at": _time(event.data, "wakes_at") or NEVER, "back": event.data.get("back", False)}
    if (ticket.status, ticket.wakes_at) == (was, snoozed["wakes_at"]):
        return
    _check_latest(ticket, event)
    if was != Ticket.Status.OPEN and _customer_wrote_since(event):
        raise NotUndone(str(_("The customer has written since.")))
    since, closed_at, due = (_time(event.data, name) for name in ("since", "closed_at", "due"))
    if since is None:
        raise NotUndone(str(GONE))
    closed = event.data["now"] == Ticket.Status.CLOSED
    lifecycle.put_back(
        ticket, actor, was, since, why="closing undone" if closed else "undone", closed_at=closed_at, **snoozed
    )
    if due:
        lifecycle.set_handoff(ticket.pk, due)
    if closed:
        send_on_commit(signals.closing_undone, Ticket, ticket_id=ticket.pk, event_id=event.pk)


def _customer_wrote_since(event: TicketEvent) -> bool:
    return TicketEvent.objects.filter(ticket=event.ticket_id, kind=Kind.RECEIVED, pk__gt=event.pk).exists()


def _time(data: dict[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(data[name]) if name in data else None


def _assignee(ticket: Ticket, event: TicketEvent, actor: User) -> None:
    if "was_id" not in event.data:
        raise NotUndone(str(GONE))
    if ticket.assignee_id == event.data["was_id"]:
        return
    _check_latest(ticket, event, *assignment.PEOPLE)
    assignment.assign(ticket, _member(event.data["was_id"]), actor)


def _member(number: int | None) -> User | None:
    """Who had the ticket. One who has left cannot have it again."""
    if number is None:
        return None
    found = User.objects.filter(pk=number, is_active=True).first()
    if found is None:
        raise NotUndone(str(GONE))
    return found


def _team(ticket: Ticket, event: TicketEvent, actor: User) -> None:
    """Of `assignment.set_team`: a transfer has a note."""
    if "note" in event.data or "assignee_id" not in event.data:
        raise NotUndone(str(GONE))
    if (ticket.team_id, ticket.assignee_id) == (event.data["was_id"], event.data["assignee_id"]):
        return
    _check_latest(ticket, event, *assignment.PEOPLE)
    assignment.back_to_team(ticket, actor, event, _member(event.data["assignee_id"]))


def _priority(ticket: Ticket, event: TicketEvent, actor: User) -> None:
    if ticket.priority != event.data["was"]:
        _check_latest(ticket, event)
        lifecycle.set_priority(ticket, event.data["was"], actor)


def _tags(ticket: Ticket, event: TicketEvent, actor: User) -> None:
    """One by one: those of a colleague stay."""
    added, removed = event.data.get("added", ()), event.data.get("removed", ())
    lifecycle.change_tags(ticket, actor, add=removed, remove=added)


BACK: dict[Kind, Callable[[Ticket, TicketEvent, User], None]] = {
    Kind.STATUS: _status,
    Kind.ASSIGNED: _assignee,
    Kind.TRANSFERRED: _team,
    Kind.PRIORITY: _priority,
    Kind.TAGGED: _tags,
}
