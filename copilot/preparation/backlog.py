"""Messages whose preparation is missing or outdated: a job was lost, an article was published, the index was down.

A schedule prepares them in the slow lane, a few at a time, so that opening a ticket hardly ever waits for a search.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.core.cache import cache
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from config.background import lanes
from copilot.models import Draft, Preparation
from copilot.preparation import pipeline
from copilot.triage import versions
from knowledge.search import version
from tickets.models import Message, Ticket

log = logging.getLogger(__name__)

FAILED, FAILED_FOR = "preparation.failed", 3600  # seconds until it is tried again
BATCH = 40  # in one run of the minute's job: a few seconds of searching
JUST_CAME = timedelta(minutes=1)  # the worker is preparing it
TRY_AGAIN = timedelta(minutes=5)  # for what was made while a part was down


def latest() -> QuerySet[Message]:
    """The latest message of the customer of each ticket that is not closed."""
    later = Message.objects.filter(
        ticket=OuterRef("ticket"), kind=Message.Kind.CUSTOMER, created_at__gt=OuterRef("created_at")
    )
    rows = Message.objects.filter(kind=Message.Kind.CUSTOMER, ticket__in=Ticket.objects.unclosed())
    return rows.exclude(Exists(later)).select_related("ticket__customer")


def outdated() -> QuerySet[Message]:
    """Of these, those that are not prepared as they would be today, in the order of the queue."""
    now = timezone.now()
    good = Preparation.objects.filter(
        Q(degraded="") | Q(made_at__gte=now - TRY_AGAIN),
        message=OuterRef("pk"),
        search_version=pipeline.version_key(version.current(), bool(versions.current())),
    )
    return (
        latest()
        .filter(created_at__lt=now - JUST_CAME)
        .exclude(Exists(good))
        .exclude(_left_to_the_drafter())
        .order_by("ticket__status", "-ticket__priority", "ticket__waiting_since", "pk")
    )


def unread() -> QuerySet[Message]:
    """Earlier messages of tickets that are not closed which nothing has classified: what they say counts, too."""
    read = Preparation.objects.filter(message=OuterRef("pk"), steps__has_key="triage")
    rows = Message.objects.filter(kind=Message.Kind.CUSTOMER, ticket__in=Ticket.objects.unclosed())
    old = rows.filter(created_at__lt=timezone.now() - JUST_CAME).exclude(Exists(read))
    return old.exclude(pk__in=latest().values("pk")).select_related("ticket__customer").order_by("pk")


def _left_to_the_drafter() -> Q:
    """It prepares the messages of waiting drafts, in their order; twice at the same time would take twice as long."""
    if not lanes.alive(lanes.DRAFTER):
        return Q(pk__in=[])
    waiting = Draft.objects.active().filter(message=OuterRef("pk"), ticket__status=Ticket.Status.OPEN)
    return Q(Exists(waiting), prepared=None)


def catch_up(most: int = BATCH, then: Callable[[Message], object] = lambda message: None) -> int:
    """Prepare messages, calling `then` for each; returns how many.

    While a part is down it tries one message a run, to see whether it is back.
    """
    failed: set[int] = cache.get(FAILED, set())
    done = 0
    earlier = [(message, pipeline.read) for message in unread().exclude(pk__in=failed)[:most]]
    wanted = [(message, pipeline.prepare) for message in outdated().exclude(pk__in=failed)[:most]]
    for message, make in [*earlier, *wanted]:
        try:
            degraded = make(message).degraded
            then(message)
        except Exception as error:  # noqa: BLE001 - one bad message must not hold up the others
            log.warning("message not prepared: message=%s error=%s", message.pk, type(error).__name__)
            cache.set(FAILED, failed := failed | {message.pk}, FAILED_FOR)
            continue
        done += 1
        if degraded:
            break
    return done
