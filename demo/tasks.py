"""The demo's first job in the worker."""

import logging

from copilot import tasks
from knowledge import sync
from knowledge.embeddings import EmbedderUnavailable
from knowledge.index import IndexUnavailable
from tickets.models import Message, Ticket

logger = logging.getLogger(__name__)


def index_and_prepare() -> int:
    """The search index first, so that the drafts rest on it; then drafts for the open tickets.

    The real model writes them, most urgent and newest first. Returns how many were asked for.
    """
    try:
        sync.repair(patience=100)
    except (IndexUnavailable, EmbedderUnavailable) as error:
        logger.warning("First drafts are written without vectors: %s", error)
    waiting = unanswered()
    for message in waiting:
        tasks.enqueue("prepare_message", message.pk)
    return len(waiting)


def unanswered() -> list[Message]:
    """The latest message of each open ticket whose last word is the customer's."""
    found = []
    for ticket in Ticket.objects.open().order_by("-priority", "-waiting_since"):
        last = ticket.messages.exclude(kind=Message.Kind.NOTE).last()
        if last is not None and last.kind == Message.Kind.CUSTOMER:
            found.append(last)
    return found
