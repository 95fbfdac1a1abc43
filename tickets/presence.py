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


class Presence:
    """What one socket says of its person."""

    def __init__(self, group: str, user: User) -> None:
        self.group = group
        self.who = {"id": user.pk, "name": user.name}
        self.state = ""
        self.said_at = 0.0

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
        self.state, self.said_at = state, time.monotonic()
        await live.asend(self.group, {"type": "presence", "who": self.who, "state": state, "asks": asks})
