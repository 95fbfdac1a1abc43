"""Sockets: authorise, join a group, forward its events. What a browser sends changes only its presence."""

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
from tickets.sockets.closing import LINE_LOST, NOT_YOURS, EndsWithSession
from tickets.sockets.presence import Presence


class GroupConsumer(EndsWithSession):
    """Joins the group that `authorise` returns."""

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
            await self.close(code=NOT_YOURS)
            return
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()
        await self.send_json({"type": "hello"})

    async def disconnect(self, code: int) -> None:
        if self.group is not None:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Answers a ping, which keeps proxies from closing the connection and shows the browser that it is alive."""
        await self.send_json({"type": "pong"})

    async def forward(self, message: dict[str, Any]) -> None:
        await self.send_json(message["event"])

    async def line_lost(self, message: dict[str, Any]) -> None:
        """The channel layer was made anew without our groups: the browser connects again and fetches everything."""
        await self.close(code=LINE_LOST)


class QueueConsumer(GroupConsumer):
    """Open as long as the desk is. The browser's pings, the first right after our hello, mark the agent as online.

    Opening the socket alone writes nothing.
    """

    marked_at = float("-inf")

    async def authorise(self) -> str | None:
        user = self.member()
        if user is None or not works_tickets(user):
            return None
        return live.QUEUE_GROUP

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        await self.mark_online()
        await super().receive_json(content, **kwargs)

    async def mark_online(self) -> None:
        user = self.member()
        if user is not None and time.monotonic() - self.marked_at >= online.EVERY:
            self.marked_at = time.monotonic()
            with suppress(DatabaseError):  # a busy database must not close the socket
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
        if self.presence is None or not await self.presence.announce(content):
            await super().receive_json(content, **kwargs)

    async def disconnect(self, code: int) -> None:
        await super().disconnect(code)
        if self.presence is not None:
            await self.presence.leave()
