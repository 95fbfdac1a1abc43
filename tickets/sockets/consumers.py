"""Sockets: authorise, join, forward. Nothing a browser says here changes anything but that it is there."""

import time
from contextlib import suppress
from typing import Any

from channels.db import database_sync_to_async
from django.db import DatabaseError
from django.http import Http404

from tickets import live
from tickets.access import get_ticket, works_tickets
from tickets.models import User
from tickets.sockets import online
from tickets.sockets.closing import EndsWithSession
from tickets.sockets.presence import Presence


class GroupConsumer(EndsWithSession):
    """Joins one group after `authorise` named it."""

    async def authorise(self) -> str | None:
        """The group to join, or None to refuse."""
        raise NotImplementedError

    def member(self) -> User | None:
        user: Any = self.scope["user"]
        return user if user is not None and user.is_authenticated else None

    async def may_stay(self, user: User) -> bool:
        return works_tickets(user)

    async def connect(self) -> None:
        self.group = await self.authorise()
        if self.group is None:
            await self.close(code=4403)
            return
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        await self.send_json({"type": "hello"})

    async def disconnect(self, code: int) -> None:
        if self.group is not None:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """A ping keeps proxies awake and tells the browser that the line is alive."""
        await self.send_json({"type": "pong"})

    async def forward(self, message: dict[str, Any]) -> None:
        await self.send_json(message["event"])

    async def line_lost(self, message: dict[str, Any]) -> None:
        """The channel layer began anew and knows our group no more: the browser connects again and refetches."""
        await self.close(code=1012)


class QueueConsumer(GroupConsumer):
    """Open as long as the desk is: the browser's pings, the first right after our hello, say that the agent is online.

    Opening the line alone writes nothing.
    """

    told = float("-inf")

    async def authorise(self) -> str | None:
        user = self.member()
        if user is None or not works_tickets(user):
            return None
        return live.QUEUE_GROUP

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        await self.tell_online()
        await super().receive_json(content, **kwargs)

    async def tell_online(self) -> None:
        user = self.member()
        if user is not None and time.monotonic() - self.told >= online.EVERY:
            self.told = time.monotonic()
            with suppress(DatabaseError):  # a database that is busy for a while must not cost anybody the line
                await database_sync_to_async(online.seen)(user.pk)


class TicketConsumer(GroupConsumer):
    presence: Presence | None = None

    async def authorise(self) -> str | None:
        user = self.member()
        if user is None:
            return None
        try:
            ticket = await database_sync_to_async(get_ticket)(user, self.scope["url_route"]["kwargs"]["ticket_id"])
        except Http404:
            return None
        self.presence = Presence(ticket.pk, user)
        return self.presence.group

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        if self.presence is None or not await self.presence.say(content):
            await super().receive_json(content, **kwargs)

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        if self.presence is not None:
            await self.presence.leave()
