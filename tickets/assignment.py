"""The only writer of a ticket's assignee and team. A transfer gives a ticket to a team, with a note."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from django.db import transaction
from django.utils.translation import gettext as _

from config.signal_delivery import send_on_commit
from tickets import lifecycle, live, search, signals, timeline
from tickets.models import Message, Team, Ticket, TicketEvent, User
from tickets.models.tickets import NEVER

PEOPLE = (TicketEvent.Kind.ASSIGNED, TicketEvent.Kind.TRANSFERRED)
Shown = int | None | Literal["anybody"]  # the assignee on a page: a member's id, nobody, or not compared


class ChangedMeanwhile(Exception):
    """A colleague was faster; nothing was changed. `text` says so, `event_id` is the latest move."""

    def __init__(self, text: str, event_id: int = 0) -> None:
        super().__init__(text)
        self.text, self.event_id = text, event_id


def assign(
    ticket: Ticket,
    assignee: User | None,
    actor: User | None = None,
    *,
    was: Shown = "anybody",
) -> TicketEvent | None:
    """Assign the ticket to `assignee` (None: to nobody). None if it is so already.

    `was`: the assignee that the actor's page shows. Raises ChangedMeanwhile if it is another one by now.
    """
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        if locked.assignee == assignee:
            return None
        if was not in ("anybody", locked.assignee_id):
            raise ChangedMeanwhile(_assigned_now(locked))
        had, locked.assignee = locked.assignee, assignee
        locked.save(update_fields=["assignee", "updated_at"])
        told = {"was": had.name if had else "", "now": assignee.name if assignee else "", "was_id": had and had.pk}
        event = timeline.record(locked, TicketEvent.Kind.ASSIGNED, actor, **told, **_taken(locked))
        live.ticket_changed(locked.pk, "header", "timeline", "queue")
    ticket.assignee = assignee
    return event


def _taken(ticket: Ticket) -> dict[str, str]:
    """Somebody takes an escalated ticket by being assigned. Assigned to nobody right afterwards, it waits again."""
    if ticket.assignee is None:
        last = timeline.last_move(ticket)
        if last and "took" in last.data:
            lifecycle.set_handoff(ticket.pk, datetime.fromisoformat(last.data["took"]))
        return {}
    if ticket.handoff_due_at is None:
        return {}
    lifecycle.set_handoff(ticket.pk, None)
    return {"took": ticket.handoff_due_at.isoformat()}


def _assigned_now(ticket: Ticket) -> str:
    if ticket.assignee is None:
        return _("This ticket is no longer assigned to anybody.")
    return _("This ticket is assigned to %(name)s now.") % {"name": ticket.assignee.name}


def to_team(ticket: Ticket, team: Team) -> bool:
    """By rule. Not if somebody is assigned, or a person has moved the ticket, or it came with a team. False if not."""
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        last = timeline.last_standing(locked, PEOPLE)
        by_person = last.actor_id is not None if last else locked.team_id is not None
        if by_person or locked.assignee_id or locked.team_id == team.pk:
            return False
        had, locked.team = locked.team.name if locked.team else "", team
        locked.save(update_fields=["team", "updated_at"])
        timeline.record(locked, TicketEvent.Kind.TRANSFERRED, was=had, now=team.name)
        live.ticket_changed(locked.pk, "header", "timeline", "queue")
    ticket.team = team
    return True


def set_team(ticket: Ticket, team: Team | None, actor: User) -> TicketEvent | None:
    """Another team, without a note. Who is assigned and not in it no longer is; an escalation ends, as with a transfer.

    None if the ticket has that team already.
    """
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        if locked.team == team:
            return None
        had, assignee = locked.team, locked.assignee
        leaves = assignee is not None and team is not None and not assignee.teams.filter(pk=team.pk).exists()
        was = {"was": had.name if had else "", "was_id": had and had.pk, "assignee_id": assignee and assignee.pk}
        due = {"due": locked.handoff_due_at.isoformat()} if locked.handoff_due_at else {}
        return _moved(locked, team, None if leaves else assignee, actor, **was, **due)


def back_to_team(ticket: Ticket, actor: User, moved: TicketEvent, assignee: User | None) -> None:
    """Undo of `set_team`: the team as its event has it. The ticket is locked."""
    team = Team.objects.filter(pk=moved.data["was_id"]).first()
    now = ticket.team.name if ticket.team else ""
    _moved(ticket, team, assignee, actor, was=now, undone=True, move=moved.pk)


def _moved(locked: Ticket, team: Team | None, assignee: User | None, actor: User, **told: Any) -> TicketEvent:
    locked.team, locked.assignee = team, assignee
    locked.save(update_fields=["team", "assignee", "updated_at"])
    lifecycle.set_handoff(locked.pk, None)
    event = timeline.record(locked, TicketEvent.Kind.TRANSFERRED, actor, now=team.name if team else "", **told)
    live.ticket_changed(locked.pk, "header", "timeline", "queue")
    return event


@dataclass(frozen=True)
class Transfer:
    """The ticket before a transfer, for `undo_transfer`."""

    ticket_id: int
    team_id: int | None
    assignee_id: int | None
    status: str
    waiting_since: datetime
    handoff_due_at: datetime | None = None
    event_id: int = 0  # the last event of the transfer
    note_id: int = 0
    closed_at: datetime | None = None
    wakes_at: datetime = NEVER
    back: bool = False


def transfer(
    ticket: Ticket,
    team: Team,
    note: str,
    actor: User,
    *,
    seen: int | None = None,
    due: datetime | None = None,
) -> Transfer:
    """Give the ticket to a team, with a note. That opens it: the next step is that team's.

    `seen`: the latest move that the actor knows of (`latest_move`). Raises ChangedMeanwhile if there is a newer one.
    `due`: it is escalated, and a member of the team should take it until then.
    """
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        _check_not_moved(locked, seen)
        was = _before(locked)
        had = locked.team.name if locked.team else ""
        locked.team, locked.assignee = team, None
        locked.save(update_fields=["team", "assignee", "updated_at"])
        lifecycle.set_handoff(locked.pk, due)
        message = Message.objects.create(ticket=locked, kind=Message.Kind.NOTE, author=actor, text=note)
        search.index_ticket(locked)
        told = {"was": had, "now": team.name, "note": message.pk, "was_id": was.team_id, "now_id": team.pk}
        timeline.record(locked, TicketEvent.Kind.TRANSFERRED, actor, **told, **({"escalated": True} if due else {}))
        lifecycle.set_status(locked, Ticket.Status.OPEN, actor, why="transferred")
        live.ticket_changed(locked.pk, "conversation", "header", "timeline", "queue")
        return replace(was, event_id=latest_move(locked), note_id=message.pk)


def _before(ticket: Ticket) -> Transfer:
    held = (ticket.pk, ticket.team_id, ticket.assignee_id, ticket.status, ticket.waiting_since, ticket.handoff_due_at)
    return Transfer(*held, closed_at=ticket.closed_at, wakes_at=ticket.wakes_at, back=ticket.back_from_snooze)


def latest_move(ticket: Ticket) -> int:
    """Id of the latest move, for `seen`; 0 for none."""
    last = timeline.last_move(ticket)
    return last.pk if last else 0


def _check_not_moved(locked: Ticket, seen: int | None) -> None:
    last = timeline.last_move(locked)
    if seen is None or last is None or last.pk <= seen:
        return
    text = _("This ticket changed a moment ago.")
    if last.actor:
        text = _("%(name)s changed this ticket a moment ago.") % {"name": last.actor.name}
    raise ChangedMeanwhile(text, last.pk)


def _customer_wrote_since(ticket: Ticket, event_id: int) -> bool:
    """Since the note of that transfer. Then an undo must not make the ticket wait for the customer again."""
    transferred = ticket.events.filter(kind=TicketEvent.Kind.TRANSFERRED, pk__lte=event_id).last()
    note = transferred.data.get("note", 0) if transferred else 0
    return ticket.messages.filter(kind=Message.Kind.CUSTOMER, pk__gt=note).exists()


def undo_transfer(ticket: Ticket, actor: User, was: Transfer) -> bool:
    """Team, assignee, status and waiting time as before; the note stays. False if somebody moved the ticket or the
    customer wrote since."""
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        if latest_move(locked) != was.event_id or _customer_wrote_since(locked, was.event_id):
            return False
        team = Team.objects.filter(pk=was.team_id).first() if was.team_id else None
        assignee = User.objects.filter(pk=was.assignee_id).first() if was.assignee_id else None
        had = locked.team.name if locked.team else ""
        locked.team, locked.assignee = team, assignee
        locked.save(update_fields=["team", "assignee", "updated_at"])
        lifecycle.set_handoff(locked.pk, was.handoff_due_at)
        told = {"was": had, "now": team.name if team else "nobody", "undone": True, "note": was.note_id}
        timeline.record(locked, TicketEvent.Kind.TRANSFERRED, actor, **told)
        status = (was.status, was.waiting_since, "transfer undone", was.closed_at)
        lifecycle.put_back(locked, actor, *status, wakes_at=was.wakes_at, back=was.back)
        live.ticket_changed(ticket.pk, "conversation", "header", "timeline", "queue")
        send_on_commit(signals.transfer_undone, Ticket, ticket_id=ticket.pk, message_id=was.note_id)
    return True
