"""Undoes what a member changed on tickets: each event of the timeline says what was before.

Only what is still as that member left it is undone. Undoing a reply is outbox.undo, a transfer
assignment.undo_transfer: they have more to put back than the ticket.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.signal_delivery import send_on_commit
from tickets import assignment, lifecycle, live, signals, timeline
from tickets.access import assignable_members
from tickets.changes.bulk import NOT_SAVED
from tickets.models import Message, OutgoingMail, Team, Ticket, TicketEvent, TicketQuerySet, User
from tickets.models.tickets import NEVER

Kind = TicketEvent.Kind
UNDO_SECONDS = 3600
GONE = _("This can no longer be undone.")  # too old, of an earlier version, or of something else
CHANGED = _("Somebody has changed this ticket since.")
# Reasons of changes that have an undo of their own.
WITH_MORE = ("replied", "reply undone", "transferred", "transfer undone")


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
    own = TicketEvent.objects.filter(pk__in=events, actor=actor, kind__in=BACK, ticket__in=tickets)
    left: dict[int, str] = {}
    seen: dict[int, None] = {}
    with live.gathered():
        for event in own.order_by("-pk"):
            seen[event.ticket_id] = None
            try:
                _undo(event, actor)
            except (NotUndone, Ticket.DoesNotExist) as refusal:
                left.setdefault(event.ticket_id, refusal.why if isinstance(refusal, NotUndone) else str(GONE))
            except (OperationalError, IntegrityError):
                left.setdefault(event.ticket_id, str(NOT_SAVED))
    return Outcome([number for number in seen if number not in left], left)


def _undo(event: TicketEvent, actor: User) -> None:
    if event.at < timezone.now() - timedelta(seconds=UNDO_SECONDS):
        raise NotUndone(str(GONE))
    with transaction.atomic(), timeline.undoing(event):
        locked = Ticket.objects.locked().get(pk=event.ticket_id)
        BACK[Kind(event.kind)](locked, event, actor)


def _check_latest(ticket: Ticket, event: TicketEvent, *kinds: Kind) -> None:
    """Nobody has made a change of these kinds since that still stands."""
    last = timeline.last_standing(ticket, kinds or {Kind(event.kind)})
    if last is None or last.pk != event.pk:
        raise NotUndone(str(CHANGED))


def _status(ticket: Ticket, event: TicketEvent, actor: User) -> None:
    was, since = event.data["was"], _time(event.data, "since")
    if since is None or event.data["why"] in WITH_MORE:
        raise NotUndone(str(GONE))
    snoozed = {"wakes_at": _time(event.data, "wakes_at") or NEVER, "back": event.data.get("back", False)}
    if (ticket.status, ticket.wakes_at) == (was, snoozed["wakes_at"]):
        return
    if was != Ticket.Status.OPEN and _later(event, Kind.RECEIVED).exists():
        raise NotUndone(str(_("The customer has written since.")))
    _check_latest(ticket, event)
    if _replied_since(event):
        raise NotUndone(str(CHANGED))
    closed, closed_at = event.data["now"] == Ticket.Status.CLOSED, _time(event.data, "closed_at")
    why = "closing undone" if closed else "undone"
    lifecycle.put_back(ticket, actor, was, since, why=why, closed_at=closed_at, **snoozed)
    _wait_again(ticket, event, "due")
    if closed:
        send_on_commit(signals.closing_undone, Ticket, ticket_id=ticket.pk, event_id=event.pk)


def _later(event: TicketEvent, kind: Kind) -> "QuerySet[TicketEvent]":
    """Events of the same ticket, the newest first."""
    return TicketEvent.objects.filter(ticket=event.ticket_id, kind=kind, pk__gt=event.pk).order_by("-pk")


def _replied_since(event: TicketEvent) -> bool:
    """A reply to a ticket that has the status already changes none."""
    replies = [each.data["message"] for each in _later(event, Kind.REPLIED)]
    return Message.objects.filter(pk__in=replies).exclude(outgoing__state=OutgoingMail.State.UNDONE).exists()


def _wait_again(ticket: Ticket, event: TicketEvent, name: str) -> None:
    """For somebody of the team to take it, until the time `name`; not if somebody has, or it was moved, since."""
    due, now = _time(event.data, name), Ticket.objects.get(pk=ticket.pk)
    if due is None or now.status in (Ticket.Status.CLOSED, Ticket.Status.SNOOZED) or _replied_since(event):
        return
    last = timeline.last_standing(ticket, assignment.PEOPLE)
    if last is None or last.pk <= event.pk:
        lifecycle.set_handoff(ticket.pk, due)


def _time(data: dict[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(data[name]) if name in data else None


def _assignee(ticket: Ticket, event: TicketEvent, actor: User) -> None:
    if "was_id" not in event.data:
        raise NotUndone(str(GONE))
    if ticket.assignee_id == event.data["was_id"]:
        return
    _check_latest(ticket, event, *assignment.PEOPLE)
    assignment.assign(ticket, _member(event.data["was_id"]), actor)
    _wait_again(ticket, event, "took")


def _member(number: int | None) -> User | None:
    """Who had the ticket. One who no longer works on tickets cannot have it again."""
    if number is None:
        return None
    found = assignable_members().filter(pk=number).first()
    if found is None:
        raise NotUndone(str(GONE))
    return found


def _team(ticket: Ticket, event: TicketEvent, actor: User) -> None:
    """Of `assignment.set_team`: a transfer has a note."""
    if "note" in event.data or "assignee_id" not in event.data:
        raise NotUndone(str(GONE))
    was = event.data["was_id"]
    if (ticket.team_id, ticket.assignee_id) == (was, event.data["assignee_id"]):
        return
    _check_latest(ticket, event, *assignment.PEOPLE)
    if was is not None and not Team.objects.filter(pk=was).exists():
        raise NotUndone(str(GONE))
    assignment.back_to_team(ticket, actor, event, _member(event.data["assignee_id"]))
    _wait_again(ticket, event, "due")


def _priority(ticket: Ticket, event: TicketEvent, actor: User) -> None:
    if ticket.priority != event.data["was"]:
        _check_latest(ticket, event)
        lifecycle.set_priority(ticket, event.data["was"], actor)


def _tags(ticket: Ticket, event: TicketEvent, actor: User) -> None:
    """One by one: those that a colleague has changed since stay."""
    later = list(_later(event, Kind.TAGGED))
    if any(each.data.get("undoes") == event.pk for each in later):
        return
    touched = {name for each in timeline.standing(later) for name in _names(each, "added") + _names(each, "removed")}
    added, removed = ([name for name in _names(event, key) if name not in touched] for key in ("added", "removed"))
    lifecycle.change_tags(ticket, actor, add=removed, remove=added)


def _names(event: TicketEvent, key: str) -> list[str]:
    names: list[str] = event.data.get(key, [])
    return names


BACK: dict[Kind, Callable[[Ticket, TicketEvent, User], None]] = {
    Kind.STATUS: _status,
    Kind.ASSIGNED: _assignee,
    Kind.TRANSFERRED: _team,
    Kind.PRIORITY: _priority,
    Kind.TAGGED: _tags,
}
