"""Closes a socket when its session ends or its member may no longer see what it sends.

The channel layer announces both at once. A timer checks too, because a role can be changed by SQL and announcements
can be lost. Frames that make no sense close the socket without a traceback.
"""

import asyncio
import json
from contextlib import suppress
from importlib import import_module
from typing import Any

from autobahn.exception import Disconnected
from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError

from tickets import live
from tickets.models import User

CHECK_EVERY = 10.0  # seconds
LONGEST = 16_384  # characters of one frame; ours are much shorter
# Close codes; static/js/live/sockets.js reads the first two and connects again after any other. Daphne accepts 1000 and
# 3000 to 4999.
LOGGED_OUT, NOT_YOURS, NONSENSE, LINE_LOST = 4401, 4403, 4400, 4412


class EndsWithSession(AsyncJsonWebsocketConsumer):
    """Mix in first. The consumer sets `group` when it accepts a member, and decides who `may_stay`."""

    group: str | None = None
    watch: asyncio.Task[None] | None = None

    async def may_stay(self, user: User) -> bool:
        raise NotImplementedError

    async def websocket_connect(self, message: Any) -> None:
        await super().websocket_connect(message)
        if self.group is not None:
            self.watch = asyncio.create_task(self._keep_checking())

    async def accept(self, *args: Any, **kwargs: Any) -> None:
        """Joins the groups of session and member first, so that no announcement after the accept is missed."""
        for group in self._own_groups():
            await self.channel_layer.group_add(group, self.channel_name)
        await super().accept(*args, **kwargs)

    async def websocket_disconnect(self, message: Any) -> None:
        if self.watch is not None:
            self.watch.cancel()
            for group in self._own_groups():
                await self.channel_layer.group_discard(group, self.channel_name)
        await super().websocket_disconnect(message)

    async def websocket_receive(self, message: Any) -> None:
        text = message.get("text")
        content = None
        if isinstance(text, str) and len(text) <= LONGEST:
            with suppress(ValueError, RecursionError):
                content = json.loads(text)
        if isinstance(content, dict):
            await self.receive_json(content)
        else:
            await self.close(code=NONSENSE)

    async def send_json(self, content: Any, close: bool = False) -> None:
        """A browser may have gone a moment before its disconnect is handled: then there is nobody to send to."""
        with suppress(Disconnected):
            await super().send_json(content, close)

    async def session_ended(self, message: Any) -> None:
        await self.close(code=LOGGED_OUT)

    async def session_check(self, message: Any) -> None:
        with suppress(DatabaseError):  # checked again by the timer
            user = await self._user_now()
            if user is None:
                await self.close(code=LOGGED_OUT)
            elif not await self.may_stay(user):
                await self.close(code=NOT_YOURS)

    async def _keep_checking(self) -> None:
        while True:
            await asyncio.sleep(CHECK_EVERY)
            await self.session_check({})

    async def _user_now(self) -> User | None:
        """The member of this session as both are in the database now; None if no longer logged in."""
        session = self.scope.get("session")
        if session is None:  # opened without one: a test, or a tool that brings its own user
            members = User.objects.filter(pk=self._user_id(), is_active=True)
            return await database_sync_to_async(members.first)()
        store = import_module(settings.SESSION_ENGINE).SessionStore(session.session_key)
        user: Any = await get_user({"session": store})  # type: ignore[typeddict-item]
        return user if user.is_authenticated and user.is_active else None

    def _user_id(self) -> int:
        user: Any = self.scope["user"]
        return int(user.pk)

    def _own_groups(self) -> list[str]:
        session = self.scope.get("session")
        groups = [live.member_group(self._user_id())]
        if session is not None and session.session_key:
            groups.append(live.session_group(session.session_key))
        return groups


class Nowhere(AsyncJsonWebsocketConsumer):
    """There is no socket at this address."""

    async def connect(self) -> None:
        await self.close(code=NOT_YOURS)
