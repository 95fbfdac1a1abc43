"""An agent writes to a customer first: the ticket is there before its first mail, which is written in its composer."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from tickets import live, search, timeline
from tickets.mail import message_creation
from tickets.mail.mime.addresses import Address
from tickets.models import Team, Ticket, TicketEvent, User


@dataclass(frozen=True)
class Started:
    ticket: Ticket
    again: bool  # an earlier try of the same submission had arrived; `ticket` is what that one created


def start(agent: User, to: Address, subject: str, team: Team | None, submission: UUID) -> Started:
    """A ticket without messages, assigned to the agent, once per `submission`. The customer is added if new."""
    with transaction.atomic():
        # So that two tries at the same moment come one after the other.
        User.objects.select_for_update(no_key=True).get(pk=agent.pk)
        if before := _submitted(agent, submission):
            return Started(before, again=True)
        customer = message_creation.customer_for(to)
        ticket = Ticket.objects.create(
            customer=customer,
            subject=subject,
            channel=Ticket.Channel.OUTGOING,
            language=customer.language,
            team=team,
            assignee=agent,
        )
        with timeline.submitted(submission):
            timeline.record(ticket, TicketEvent.Kind.STARTED, agent)
        search.index_ticket(ticket)
        live.ticket_changed(ticket.pk, "queue")
    return Started(ticket, again=False)


def _submitted(agent: User, submission: UUID) -> Ticket | None:
    events = TicketEvent.objects.filter(kind=TicketEvent.Kind.STARTED, actor=agent, data__submission=str(submission))
    event = events.select_related("ticket").first()
    return event.ticket if event else None
