"""Who else is on a ticket, and whether they type. Nothing is stored: browsers tell each other over the ticket's line.

Each says itself every few seconds and forgets whom it has not heard for a while, so a socket that dies, a process
that is killed or a layer that loses a message needs no tidying up. Only names and these three words travel.
"""

import time
from typing import Any

from tickets import live
from tickets.models import User

STATES = ("viewing", "typing", "gone")
LEAST_PAUSE = 0.5  # seconds between two announcements of one socket that say the same
QUEUE_PAUSE = 12.0  # the queue hears what changes at once, and what stays the same less often


class Presence:
    """What one socket says of its person."""

    def __init__(self, ticket_id: int, user: User) -> None:
        self.ticket_id = ticket_id
        self.group = live.ticket_group(ticket_id)
        self.who = {"id": user.pk, "name": user.name}
        self.state = ""
        self.said_at = self.queue_told_at = 0.0

    async def say(self, content: Any) -> bool:
        """Pass on `{"presence": state, "asks": bool}`; False if `content` is something else."""
        state = content.get("presence") if isinstance(content, dict) else None
        if state not in STATES:
            return False
        asks = content.get("asks") is True
        if asks or state != self.state or time.monotonic() - self.said_at >= LEAST_PAUSE:
            await self._send(state, asks)
        return True

    async def leave(self) -> None:
        if self.state not in {"", "gone"}:
            await self._send("gone", False)

    async def _send(self, state: str, asks: bool) -> None:
        now = time.monotonic()
        changed, self.state, self.said_at = state != self.state, state, now
        said = {"type": "presence", "ticket": self.ticket_id, "who": self.who, "state": state}
        await live.asend(self.group, said | {"asks": asks})
        if changed or now - self.queue_told_at >= QUEUE_PAUSE:
            self.queue_told_at = now
            await live.asend(live.QUEUE_GROUP, said)
