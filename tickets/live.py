"""The only user of the channel layer: says *what changed*; browsers refetch it by HTTP.

Draft tokens are the one thing that travels in full (event `draft.delta`).
A broken channel layer costs live updates, never the write that was announced.
"""

import hashlib
import logging
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

log = logging.getLogger(__name__)

QUEUE_GROUP = "queue"


def ticket_group(ticket_id: int) -> str:
    return f"ticket.{ticket_id}"


def person_group(user_id: int) -> str:
    return f"person.{user_id}"


def session_group(key: str) -> str:
    """Named by a hash: a key in a log or a table would be a way in."""
    return f"session.{hashlib.sha256(key.encode()).hexdigest()[:40]}"


async def asend(group: str, event: dict[str, Any]) -> None:
    """Send `event` (JSON-able, with its own `type`) to every browser in the group."""
    await _to_group(group, {"type": "forward", "event": event}, str(event.get("type")))


async def _to_group(group: str, message: dict[str, Any], what: str) -> None:
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        await layer.group_send(group, message)
    except Exception as error:  # noqa: BLE001 - any broken layer must not break the work announced
        log.warning("live update lost: group=%s event=%s error=%s", group, what, type(error).__name__)


def tell_sockets(group: str, what: str) -> None:
    """For the sockets themselves, not for what their browsers show: `session.ended`, `session.check`."""
    async_to_sync(_to_group)(group, {"type": what}, what)


def send(group: str, event: dict[str, Any]) -> None:
    async_to_sync(asend)(group, event)


def ticket_changed(ticket_id: int, *parts: str) -> None:
    """After commit, tell the open ticket and the queue which parts to refetch.

    Parts: `conversation`, `header`, `context`, `timeline`, `draft`, `queue`.
    """
    event = {"type": "ticket.changed", "ticket": ticket_id, "parts": list(parts)}

    def announce() -> None:
        send(ticket_group(ticket_id), event)
        if "queue" in parts:
            send(QUEUE_GROUP, {"type": "queue.changed", "ticket": ticket_id})

    transaction.on_commit(announce)
