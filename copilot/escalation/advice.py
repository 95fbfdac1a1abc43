"""Why a ticket should be escalated now, for the ticket page. Reads only."""

from datetime import datetime

from copilot.escalation import configuration, wording
from copilot.escalation.facts import facts
from copilot.escalation.triggers import triggers
from copilot.models import Escalation
from tickets.models import Message, Ticket


def advice(ticket: Ticket, now: datetime) -> list[str]:
    """One sentence for each reason, the strongest first, without the customer's words, which the page quotes beside it.

    Nothing unless the customer waits for us, and nothing once it is escalated.
    """
    found = facts(ticket, now)
    if found.waiting is None or _escalated(ticket):
        return []
    _number, rules = configuration.current()
    reasons = triggers(found, rules)
    return [wording.trigger(each.reason, {**each.seen, "words": ""}) for each in reasons]


def _escalated(ticket: Ticket) -> bool:
    """Since the customer's latest message."""
    latest = ticket.messages.filter(kind=Message.Kind.CUSTOMER).values_list("created_at", flat=True).last()
    standing = Escalation.objects.standing().filter(ticket=ticket)
    return (standing.filter(sent_at__gte=latest) if latest else standing).exists()
