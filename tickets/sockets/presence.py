"""Who else is on a ticket, and whether they type. Nothing is stored: browsers announce it over the ticket's socket.

Each announces itself every few seconds and forgets others that have gone silent, so nothing needs cleaning up after a
socket that died, a process that was killed or a message that was lost. Only ids, names and these states are sent.
"""

import time
from typing import Any

from tickets import live
from tickets.models import User

STATES = ("viewing", "typing", "gone")
LEAST_PAUSE = 0.5  # seconds between two announcements of one socket with the same state
QUEUE_PAUSE = 12.0  # seconds; the queue gets changes at once, repetitions less often


class Presence:
    """What one socket announces about its member."""

    def __init__(self, ticket_id: int, user: User) -> None:
        self.ticket_id = ticket_id
        self.group = live.ticket_group(ticket_id)
        self.who = {"id": user.pk, "name": user.name}
        self.state = ""
        self.announced_at = self.queue_announced_at = 0.0

    async def announce(self, content: Any) -> bool:
        """Pass on `{"presence": state, "asks": bool}`; False if `content` is something else."""
        state = content.get("presence") if isinstance(content, dict) else None
        if state not in STATES:
            return False
        asks = content.get("asks") is True
        if asks or state != self.state or time.monotonic() - self.announced_at >= LEAST_PAUSE:
            await self._send(state, asks)
        return True

    async def leave(self) -> None:
        if self.state not in {"", "gone"}:
            await self._send("gone", False)

    async def _send(self, state: str, asks: bool) -> None:
        now = time.monotonic()
        changed, self.state, self.announced_at = state != self.state, state, now
        event = {"type": "presence", "ticket": self.ticket_id, "who": self.who, "state": state}
        await live.asend(self.group, event | {"asks": asks})
        if changed or now - self.queue_announced_at >= QUEUE_PAUSE:
            self.queue_announced_at = now
            await live.asend(live.QUEUE_GROUP, event)
