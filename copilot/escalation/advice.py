"""Why a ticket should be escalated now, for the ticket page. Reads only."""

from datetime import datetime

from copilot.escalation import configuration, wording
from copilot.escalation.facts import facts
from copilot.escalation.triggers import triggers
from copilot.models import Escalation
from tickets import lifecycle
from tickets.models import Message, Ticket


def advice(ticket: Ticket, now: datetime) -> list[str]:
    """One sentence for each reason, the strongest first, without the customer's words, which the page quotes beside it.

    Nothing once it is answered, escalated or closed.
    """
    if ticket.status == Ticket.Status.CLOSED or not lifecycle.unanswered(ticket) or _escalated(ticket):
        return []
    _number, rules = configuration.current()
    found = triggers(facts(ticket, now), rules)
    return [wording.trigger(each.reason, {**each.seen, "words": ""}) for each in found]


def _escalated(ticket: Ticket) -> bool:
    """Since the customer's latest message."""
    latest = ticket.messages.filter(kind=Message.Kind.CUSTOMER).values_list("created_at", flat=True).last()
    standing = Escalation.objects.standing().filter(ticket=ticket)
    return (standing.filter(sent_at__gte=latest) if latest else standing).exists()
