"""The only writer of who has a ticket: a person, a team, or a team with a note (handover)."""

from django.db import transaction

from tickets import live, timeline
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


def hand_over(ticket: Ticket, team: Team, note: str, actor: User) -> Message:
    """Pass the ticket to a team with a note; the team's next free person takes it."""
    with transaction.atomic():
        was = ticket.team.name if ticket.team else ""
        ticket.team, ticket.assignee = team, None
        ticket.save(update_fields=["team", "assignee", "updated_at"])
        message = Message.objects.create(ticket=ticket, kind=Message.Kind.NOTE, author=actor, text=note)
        timeline.record(ticket, TicketEvent.Kind.HANDED_OVER, actor, was=was, now=team.name, note=message.pk)
        live.ticket_changed(ticket.pk, "conversation", "header", "timeline", "queue")
    return message
