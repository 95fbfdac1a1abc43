"""The only writer of who has a ticket: a person, a team, or a team with a note (handover)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from django.db import transaction

from tickets import lifecycle, live, timeline
from tickets.models import Message, Team, Ticket, TicketEvent, User

Holder = int | None | Literal["anybody"]  # a person's id, nobody, or whoever it is


class Meanwhile(Exception):
    """Somebody else was faster; nothing was changed. `words` say who and what, `event_id` is the latest move."""

    def __init__(self, words: str, event_id: int = 0) -> None:
        super().__init__(words)
        self.words, self.event_id = words, event_id


def assign(
    ticket: Ticket,
    assignee: User | None,
    actor: User | None = None,
    *,
    was: Holder = "anybody",
) -> bool:
    """Give the ticket to `assignee` (None: back to the queue). False if they had it already.

    `was`: who had it on the screen of whoever asks. Raises Meanwhile if somebody else has it by now.
    """
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        if locked.assignee == assignee:
            return False
        if was not in ("anybody", locked.assignee_id):
            raise Meanwhile(f"{locked.assignee.name} has it now." if locked.assignee else "Nobody has it any more.")
        had, locked.assignee = locked.assignee, assignee
        locked.save(update_fields=["assignee", "updated_at"])
        timeline.record(
            locked,
            TicketEvent.Kind.ASSIGNED,
            actor,
            was=had.name if had else "",
            now=assignee.name if assignee else "",
        )
        live.ticket_changed(locked.pk, "header", "timeline", "queue")
    ticket.assignee = assignee
    return True


@dataclass(frozen=True)
class HandOver:
    """What handing over changed, enough for `undo_hand_over`."""

    ticket_id: int
    team_id: int | None
    assignee_id: int | None
    status: str
    waiting_since: datetime
    event_id: int = 0  # the timeline's last line of it


def hand_over(ticket: Ticket, team: Team, note: str, actor: User, *, seen: int | None = None) -> HandOver:
    """Pass the ticket to a team with a note. It is open then, whatever it was: the next step is that team's.

    `seen`: the latest move (timeline.last_move, 0 for none) that the actor knows of. Raises Meanwhile over a newer one.
    """
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        _nobody_moved(locked, seen)
        was = HandOver(locked.pk, locked.team_id, locked.assignee_id, locked.status, locked.waiting_since)
        had = locked.team.name if locked.team else ""
        locked.team, locked.assignee = team, None
        locked.save(update_fields=["team", "assignee", "updated_at"])
        message = Message.objects.create(ticket=locked, kind=Message.Kind.NOTE, author=actor, text=note)
        timeline.record(locked, TicketEvent.Kind.HANDED_OVER, actor, was=had, now=team.name, note=message.pk)
        lifecycle.set_status(locked, Ticket.Status.OPEN, actor, why="handed over")
        live.ticket_changed(locked.pk, "conversation", "header", "timeline", "queue")
        return replace(was, event_id=moved(locked))


def moved(ticket: Ticket) -> int:
    """The latest move, for `seen`."""
    last = timeline.last_move(ticket)
    return last.pk if last else 0


def _nobody_moved(locked: Ticket, seen: int | None) -> None:
    last = timeline.last_move(locked)
    if seen is not None and last is not None and last.pk > seen:
        words = f"{last.actor.name} changed this ticket" if last.actor else "This ticket changed"
        raise Meanwhile(f"{words} a moment ago.", last.pk)


def _customer_wrote_since(ticket: Ticket, event_id: int) -> bool:
    """After the note of that hand-over: the ticket is not to wait for the customer then."""
    handed = ticket.events.filter(kind=TicketEvent.Kind.HANDED_OVER, pk__lte=event_id).last()
    note = handed.data.get("note", 0) if handed else 0
    return ticket.messages.filter(kind=Message.Kind.CUSTOMER, pk__gt=note).exists()


def undo_hand_over(ticket: Ticket, actor: User, was: HandOver) -> bool:
    """Team, person, status, clock as before; the note stays. False if somebody moved it or the customer wrote since."""
    with transaction.atomic():
        locked = Ticket.objects.locked().get(pk=ticket.pk)
        if moved(locked) != was.event_id or _customer_wrote_since(locked, was.event_id):
            return False
        team = Team.objects.filter(pk=was.team_id).first() if was.team_id else None
        assignee = User.objects.filter(pk=was.assignee_id).first() if was.assignee_id else None
        had = locked.team.name if locked.team else ""
        locked.team, locked.assignee = team, assignee
        locked.save(update_fields=["team", "assignee", "updated_at"])
        timeline.record(
            locked, TicketEvent.Kind.HANDED_OVER, actor, was=had, now=team.name if team else "nobody", undone=True
        )
        lifecycle.put_back(locked, actor, was.status, was.waiting_since, why="handing over undone")
        live.ticket_changed(ticket.pk, "header", "timeline", "queue")
    return True
