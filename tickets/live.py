"""The only user of the channel layer: announces *what changed*; browsers fetch it again by HTTP.

Only the text of a draft travels itself, piece by piece (event `draft.delta`).
If the channel layer fails live updates are lost, never the change that was announced.
"""

import hashlib
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

log = logging.getLogger(__name__)

QUEUE_GROUP = "queue"
_gathering: ContextVar[dict[int, tuple[str, ...]] | None] = ContextVar("gathering", default=None)


def ticket_group(ticket_id: int) -> str:
    return f"ticket.{ticket_id}"


def member_group(user_id: int) -> str:
    return f"member.{user_id}"


def session_group(key: str) -> str:
    """Named by a hash: a session key that is seen in a log or a table could be used to log in."""
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
    except Exception as error:  # noqa: BLE001 - whatever is wrong with the layer must not undo the change announced
        log.warning("live update lost: group=%s event=%s error=%s", group, what, type(error).__name__)


def notify_sockets(group: str, what: str) -> None:
    """To the consumers themselves, not to their browsers: `session.ended`, `session.check`."""
    async_to_sync(_to_group)(group, {"type": what}, what)


def send(group: str, event: dict[str, Any]) -> None:
    async_to_sync(asend)(group, event)


def views_changed() -> None:
    """After commit, tell the queues that a saved view is there, gone or another one."""
    transaction.on_commit(lambda: send(QUEUE_GROUP, {"type": "queue.changed"}))


def ticket_changed(ticket_id: int, *parts: str) -> None:
    """After commit, tell the open ticket and the queue which parts to refetch.

    Parts: `conversation`, `header`, `context`, `timeline`, `draft`, `triage`, `queue`.
    """

    def announce() -> None:
        gathering = _gathering.get()
        if gathering is None:
            _announce({ticket_id: parts})
        else:
            gathering[ticket_id] = tuple(dict.fromkeys([*gathering.get(ticket_id, ()), *parts]))

    transaction.on_commit(announce)


@contextmanager
def gathered() -> Iterator[None]:
    """What changes meanwhile, in transactions of their own, is announced at the end: each ticket once, and the queue
    once, because hundreds of browsers get every event."""
    changes: dict[int, tuple[str, ...]] = {}
    before = _gathering.set(changes)
    try:
        yield
    finally:
        _gathering.reset(before)
        _announce(changes)


def _announce(changes: Mapping[int, tuple[str, ...]]) -> None:
    for ticket_id, parts in changes.items():
        send(ticket_group(ticket_id), {"type": "ticket.changed", "ticket": ticket_id, "parts": list(parts)})
    if any("queue" in parts for parts in changes.values()):
        send(QUEUE_GROUP, {"type": "queue.changed"})
