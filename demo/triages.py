"""Triage of the demo's past: what the classifier says of old tickets, and what agents would have corrected.

The classifier is the real one. Where it says something else than the category that the demo's authors gave a ticket,
the agent who had the ticket counts as the one who corrected it.
"""

from datetime import timedelta

from django.db.models import Min

from copilot.models import Triage
from copilot.preparation import pipeline
from copilot.triage import versions
from tickets.models import Message, Ticket, User

SOON = timedelta(seconds=5)  # after a message arrived it is classified


def classify_history(most: int) -> int:
    """The first message of each closed ticket. Returns how many; none without a classifier, or if it was done."""
    if not versions.current():
        return 0
    first = Message.objects.filter(kind=Message.Kind.CUSTOMER, ticket__status=Ticket.Status.CLOSED)
    ids = first.values("ticket").annotate(first=Min("pk")).values("first")
    messages = Message.objects.filter(pk__in=ids, triage=None).select_related("ticket__customer")[:most]
    classified = 0
    for message in messages:
        pipeline.prepare(message)
        classified += _as_then(message)
    return classified


def _as_then(message: Message) -> bool:
    row, ticket = Triage.objects.filter(message=message).first(), message.ticket
    if row is None:
        return False
    row.made_at = message.created_at + SOON
    if row.category_id != ticket.category_id:
        row.category_id, row.corrected = ticket.category_id, ["category"]
        row.corrected_by = ticket.assignee or User.objects.get(username="mira")
        row.corrected_at = ticket.first_response_at or ticket.closed_at
    row.save()
    return True
