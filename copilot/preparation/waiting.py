"""Messages that are not prepared as they should be: a job was lost, an article was published, the index was down.

A schedule works them off in the slow lane, a few at a time: whoever opens a ticket hardly ever waits for a search.
"""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from copilot.models import Preparation
from copilot.preparation import pipeline
from knowledge.search import edition
from tickets.models import Message, Ticket

BATCH = 40  # in one run of the minute's job: a few seconds of searching
JUST_CAME = timedelta(minutes=1)  # the worker has it
TRY_AGAIN = timedelta(minutes=5)  # what was made while a part was down


def outdated() -> QuerySet[Message]:
    """The latest message of the customer of each ticket that is not closed, in the order of the queue."""
    later = Message.objects.filter(
        ticket=OuterRef("ticket"), kind=Message.Kind.CUSTOMER, created_at__gt=OuterRef("created_at")
    )
    now = timezone.now()
    good = Preparation.objects.filter(
        Q(degraded="") | Q(made_at__gte=now - TRY_AGAIN),
        message=OuterRef("pk"),
        edition=pipeline.edition_key(edition.current()),
    )
    latest = Message.objects.filter(
        kind=Message.Kind.CUSTOMER, created_at__lt=now - JUST_CAME, ticket__in=Ticket.objects.unclosed()
    )
    return (
        latest.exclude(Exists(later))
        .exclude(Exists(good))
        .select_related("ticket__customer")
        .order_by("ticket__status", "-ticket__priority", "ticket__waiting_since", "pk")
    )


def catch_up(most: int = BATCH) -> int:
    """Returns how many were prepared."""
    messages = list(outdated()[:most])
    for message in messages:
        pipeline.prepare(message)
    return len(messages)
