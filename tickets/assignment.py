"""The only writer of who has a ticket: a person, a team, or a team with a note (handover)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tickets import lifecycle, live, timeline
from tickets.models import Message, Team, Ticket, TicketEvent, User


def assign(ticket: Ticket, assignee: User | None, actor: User | None = None) -> bool:
    """Give the ticket to `assignee` (None: back to the queue). False if they had it already."""
    with transaction.atomic():
        locked = Ticket.objects.select_for_update(of=("self",)).select_related("assignee").get(pk=ticket.pk)
        if locked.assignee == assignee:
            return False
        was, locked.assignee = locked.assignee, assignee
        locked.save(update_fields=["assignee", "updated_at"])
        timeline.record(
            locked,
            TicketEvent.Kind.ASSIGNED,
            actor,
            was=was.name if was else "",
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
    to_id: int | None = None


def hand_over(ticket: Ticket, team: Team, note: str, actor: User) -> HandOver:
    """Pass the ticket to a team with a note. It is open then, whatever it was: the next step is that team's."""
    with transaction.atomic():
        locked = Ticket.objects.select_for_update(of=("self",)).select_related("team").get(pk=ticket.pk)
        was = HandOver(locked.pk, locked.team_id, locked.assignee_id, locked.status, locked.waiting_since, team.pk)
        had = locked.team.name if locked.team else ""
        locked.team, locked.assignee = team, None
        locked.save(update_fields=["team", "assignee", "updated_at"])
        message = Message.objects.create(ticket=locked, kind=Message.Kind.NOTE, author=actor, text=note)
        timeline.record(locked, TicketEvent.Kind.HANDED_OVER, actor, was=had, now=team.name, note=message.pk)
        lifecycle.set_status(locked, Ticket.Status.OPEN, actor, why="handed over")
        live.ticket_changed(locked.pk, "conversation", "header", "timeline", "queue")
    return was


def undo_hand_over(ticket: Ticket, actor: User, was: HandOver) -> bool:
    """Team, person, status and clock as before; the note stays. False if somebody took it or passed it on meanwhile."""
    with transaction.atomic():
        locked = Ticket.objects.select_for_update().get(pk=ticket.pk)
        if locked.assignee_id is not None or locked.team_id != was.to_id:
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
