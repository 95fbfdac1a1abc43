"""When drafts follow the route of their message (ending.follow): after it was prepared, corrected, or routed anew."""

import logging
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from config.jobs import WORKER, queue
from copilot.drafting import drafter_queue, ending, writing
from copilot.models import Draft, Route
from copilot.preparation import backlog, pipeline
from copilot.preparation.pipeline import StoredMeanwhile
from copilot.routing import configuration
from tickets.models import Message, Ticket

log = logging.getLogger(__name__)
PREPARE = "copilot.tasks.prepare_message"
MOST = 500  # messages in one run of a job: some ten seconds
FORBIDDEN = (Route.May.NOTHING, Route.May.POLICY)


def prepared(message: Message) -> None:
    """After a message was prepared. What an earlier one says counts for the latest one, too."""
    latest = _latest(message.ticket_id)
    if latest is not None and latest.pk != message.pk:
        route_anew([latest])
        return
    ending.follow(message)
    writing.offer(message)


def corrected(ticket: Ticket) -> None:
    """An agent has corrected the triage: the route is another one at once, the search in a moment."""
    message = _latest(ticket.pk)
    if message is not None:
        queue(PREPARE, message.pk, lane=WORKER)
        route_anew([message])


def returned(ticket_id: int) -> None:
    """A reply or a closing was undone: the ticket's latest message waits again, and its route may be another by now."""
    message = _latest(ticket_id)
    if message is not None:
        ending.follow(message)


def route_again(most: int = MOST) -> int:
    """The latest messages that were routed by other rules than those in use. Returns how many were."""
    rules = configuration.current()[0] or None
    old = backlog.latest().filter(route__isnull=False).exclude(route__rules=rules)
    return route_anew(old.order_by("-ticket__priority", "ticket__waiting_since")[:most])


def settle(most: int = MOST) -> int:
    """Drafts of open tickets that contradict their route, because a process died between the two. Returns how many."""
    found = list(_contradicting().select_related("message")[:most])
    for draft in found:
        ending.follow(draft.message)
    return len(found)


def route_anew(messages: Iterable[Message]) -> int:
    """Route and drafts of these messages; one that fails does not hold up the others, and a job tries it again."""
    done = 0
    for message in messages:
        try:
            with transaction.atomic():
                if not pipeline.reroute(message):
                    continue
                ending.follow(message)
        except StoredMeanwhile:
            log.warning("message not routed again: message=%s", message.pk)
            continue
        done += 1
        if Route.objects.filter(message=message, may=Route.May.POLICY).exists():
            queue(PREPARE, message.pk, lane=WORKER)  # for what the articles say
    return done


def _latest(ticket_id: int) -> Message | None:
    sent = Message.objects.filter(ticket=ticket_id, kind=Message.Kind.CUSTOMER)
    return sent.select_related("ticket__customer").order_by("created_at", "pk").last()


def _contradicting() -> QuerySet[Draft]:
    drafts = Draft.objects.visible()
    newer = drafts.filter(ticket=OuterRef("ticket")).filter(
        Q(created_at__gt=OuterRef("created_at")) | Q(created_at=OuterRef("created_at"), pk__gt=OuterRef("pk"))
    )
    shown = Q(message__route__may__in=FORBIDDEN) & ~Q(state=Draft.State.BY_RULE)
    missing = Q(message__route__may__in=Route.DRAFTED, state=Draft.State.BY_RULE)
    waiting = drafts.filter(shown | missing, ticket__status=Ticket.Status.OPEN, first_key_at=None)
    unused = waiting.filter(review=Draft.Review.PENDING)
    later = drafter_queue.has_later_message("message", "message__created_at")
    return unused.exclude(later).exclude(Exists(newer))
