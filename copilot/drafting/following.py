"""Drafts follow the route of their message: none where the rules allow none, one where they allow one again."""

from contextlib import suppress

from config.jobs import WORKER, queue
from copilot.drafting import drafter_queue, states, writing
from copilot.models import Draft, Route
from copilot.preparation import backlog, pipeline
from copilot.preparation.pipeline import StoredMeanwhile
from copilot.routing import configuration
from tickets.models import Message, Ticket

PREPARE = "copilot.tasks.prepare_message"
MOST = 500  # messages in one run of a job: some ten seconds


def prepared(message: Message) -> None:
    """After a message was prepared."""
    follow(message)
    writing.offer(message)


def corrected(ticket: Ticket) -> None:
    """An agent has corrected the triage: the route is another one at once, the search in a moment."""
    message = ticket.messages.filter(kind=Message.Kind.CUSTOMER).last()
    if message is None:
        return
    message.ticket = Ticket.objects.select_related("customer").get(pk=ticket.pk)
    with suppress(StoredMeanwhile):  # the job does it
        if pipeline.reroute(message):
            follow(message)
    queue(PREPARE, message.pk, lane=WORKER)


def route_again(most: int = MOST) -> int:
    """The latest messages that were routed by other rules than those in use. Returns how many."""
    rules = configuration.current()[0] or None
    old = backlog.latest().filter(route__isnull=False).exclude(route__rules=rules)
    done = 0
    for message in old.order_by("-ticket__priority", "ticket__waiting_since")[:most]:
        if pipeline.reroute(message):
            follow(message)
            done += 1
    return done


def follow(message: Message) -> None:
    """Prepares nothing, so that a page can wait for it. Safe to run twice."""
    route = Route.objects.filter(message=message).first()
    if route is None:
        return
    if not route.drafted:
        for draft in message.drafts.filter(review=Draft.Review.PENDING).select_related("ticket"):
            states.rule_out(draft)
        return
    latest = message.drafts.visible().select_related("ticket").first()
    if latest and latest.state == Draft.State.BY_RULE and drafter_queue.unanswered(message):
        states.request_draft(latest.ticket, message, Draft.Origin.ARRIVAL)
