"""What the copilot does when something happens on the desk. Connected in apps.py; each receiver is thin."""

import logging
from typing import Any

from config.jobs import SLOW, WORKER, queue
from copilot import review
from copilot.drafting import drafter_queue, following, states
from copilot.escalation import sending
from copilot.models import Draft, QuestionVector
from copilot.presend import recording
from tickets import live
from tickets.models import Message, Ticket, TicketEvent

log = logging.getLogger(__name__)


def on_message_received(sender: Any, message_id: int, ticket_id: int, **kwargs: Any) -> None:
    """From here the draft waits in its own table, which is the drafter's queue."""
    queue("copilot.tasks.prepare_message", message_id, lane=WORKER)
    states.mark_outdated(ticket_id, message_id)
    drafter_queue.request_for(message_id)


def on_reply_written(sender: Any, message_id: int, ticket_id: int, **kwargs: Any) -> None:
    message = Message.objects.select_related("ticket__customer", "author").get(pk=message_id)
    for draft in message.ticket.drafts.active():
        states.stop(draft)
    review.reply_was_written(message, message.composition.get("prepared", ""))
    recording.record(message)


def on_reply_undone(sender: Any, message_id: int, ticket_id: int, **kwargs: Any) -> None:
    message = Message.objects.get(pk=message_id)
    review.reply_was_undone(message)
    recording.forget(message_id)
    states.restart(ticket_id, message.created_at)
    following.returned(ticket_id)


def on_ticket_closed(sender: Any, ticket_id: int, **kwargs: Any) -> None:
    """Nobody will send what is still being written. How it was solved may help with others."""
    for draft in Draft.objects.active().filter(ticket=ticket_id):
        states.stop(draft)
    queue("copilot.tasks.remember_solved", ticket_id, lane=SLOW)


def on_transfer_undone(sender: Any, message_id: int, ticket_id: int, **kwargs: Any) -> None:
    """If it was an escalation, that does not stand any more."""
    sending.undone(message_id)


def on_closing_undone(sender: Any, ticket_id: int, event_id: int, **kwargs: Any) -> None:
    states.restart(ticket_id, TicketEvent.objects.get(pk=event_id).at)
    following.returned(ticket_id)


def on_article_withdrawn(sender: Any, article_id: int, **kwargs: Any) -> None:
    """Open ticket pages whose draft cites the article are updated at once."""
    affected = Draft.objects.exclude(state=Draft.State.WRITING).filter(
        citations__article=article_id, citations__cited=True, review=Draft.Review.PENDING
    )
    open_tickets = affected.exclude(ticket__status=Ticket.Status.CLOSED).values_list("ticket", flat=True)
    for ticket_id in open_tickets.distinct():
        live.ticket_changed(ticket_id, "draft")


def on_article_changed(sender: Any, article_id: int, **kwargs: Any) -> None:
    """Another article may now answer some of last month's questions best."""
    if QuestionVector.objects.exists():
        queue("copilot.tasks.score_questions", article_id, lane=SLOW)
