"""channels-lite's layer with two additions: connections end with their event loop, and a damaged file is replaced.

Each event loop has a pool of connections, and each connection a thread. Code outside the web process sends from
short-lived loops (`async_to_sync`). If the pool did not close with its loop, every send would leave threads behind.
"""

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
from aiosqlitepool import SQLiteConnectionPool
from aiosqlitepool.exceptions import PoolClosedError
from asgiref.sync import sync_to_async
from channels_lite.layers import BoundedQueue, ChannelEmpty
from channels_lite.layers.aio import AIOSQLiteChannelLayer, SQLiteLoopLayer

from config.channels import store

log = logging.getLogger(__name__)

PAUSE = 5.0  # seconds until the next try after the file could not be used or replaced
TRIES = 4  # of an action on a file that is being replaced
LOST = {"type": "line.lost"}  # to every socket of this process, because its groups were in the old file


class LiveUpdatesDown(RuntimeError):
    """The file of the channel layer cannot be used at the moment. Raised without touching the file."""


class LoopPool(SQLiteLoopLayer):
    """The pool of one event loop, and the file it has open."""

    def __init__(self, channel_layer: "SQLiteChannelLayer") -> None:
        super().__init__(channel_layer)
        self.inode = inode_of(channel_layer.path)

    async def get_pool(self) -> SQLiteConnectionPool:
        if self.pool is None:
            self.pool = SQLiteConnectionPool(self._connect, pool_size=self.channel_layer.pool_size)
        return self.pool

    async def _connect(self) -> Any:
        """Like channels-lite, but the thread ends with the process, and none is left after a failure."""
        connecting = aiosqlite.connect(self.channel_layer.db_path)
        connecting._thread.daemon = True
        connection = await connecting
        connection.row_factory = aiosqlite.Row
        try:
            await connection.executescript(self.channel_layer.db_settings["OPTIONS"]["init_command"])
        except BaseException:
            await connection.close()
            raise
        return connection


class SQLiteChannelLayer(AIOSQLiteChannelLayer):
    def __init__(self, **config: Any) -> None:
        super().__init__(**config)
        self.path = Path(str(self.db_path))
        self._down_until = 0.0

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """A connection to the current file. Raises LiveUpdatesDown or the error of SQLite."""
        if time.monotonic() < self._down_until:
            raise LiveUpdatesDown
        loop = asyncio.get_running_loop()
        now = inode_of(self.path)
        if now is None:
            await self._replace_file(loop)
        elif loop in self._layers and self._layers[loop].inode != now:
            await self._reconnect_sockets(loop)
        if loop not in self._layers:
            self._layers[loop] = LoopPool(self)
            _before_closing(loop, self)
        try:
            async with super().connection() as connection:
                yield connection
        except sqlite3.DatabaseError as error:
            if store.means_damage(error):
                await self._replace_file(loop)
            raise

    async def _replace_file(self, loop: asyncio.AbstractEventLoop) -> None:
        """Raises LiveUpdatesDown if no file can be created.

        The sockets join again in any case: whoever replaced the file, and even if it got the old one's number.
        """
        await self.close_pool(loop)
        try:
            await sync_to_async(store.replace_if_damaged, thread_sensitive=False)(self.path)
        except Exception as error:
            self._down_until = time.monotonic() + PAUSE
            log.error("%s cannot be replaced (%s); pages show changes after a reload", self.path.name, error)
            raise LiveUpdatesDown from error
        await self._reconnect_sockets(loop)

    async def _reconnect_sockets(self, loop: asyncio.AbstractEventLoop) -> None:
        """The file is a new one, so the sockets of this process must join their groups again."""
        await self.close_pool(loop)
        for buffer in self.receive_buffer.values():
            buffer.put_nowait(LOST)

    async def _receive_single_from_db(self, channel: str) -> Any:
        """Like channels-lite, but after a failure it pauses and logs one line, not twenty lines a second."""
        try:
            return await super()._receive_single_from_db(channel)
        except (LiveUpdatesDown, PoolClosedError, sqlite3.DatabaseError, ValueError) as error:
            if not isinstance(error, LiveUpdatesDown) and not was_closed(error):
                if isinstance(error, ValueError):
                    raise
                log.warning("live updates pause: %s", type(error).__name__)
            await asyncio.sleep(1)
            raise ChannelEmpty from error

    async def clean_expired(self) -> None:
        """Old rows can wait. An error here would end the task that hands this process its messages."""
        try:
            await super().clean_expired()
        except (LiveUpdatesDown, PoolClosedError, sqlite3.DatabaseError, ValueError) as error:
            log.info("old live updates are deleted later: %s", type(error).__name__)

    async def group_add(self, group: str, channel: str) -> None:
        # The buffer exists before the channel joins, so that no message is lost in between.
        self.receive_buffer.setdefault(channel, BoundedQueue(maxsize=self.get_capacity(channel)))
        await self._retry_on_new_file(super().group_add, group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        """A socket that ends must not fail here: in a new file it is in no group, and an old membership expires."""
        try:
            await self._retry_on_new_file(super().group_discard, group, channel)
        except (LiveUpdatesDown, sqlite3.DatabaseError) as error:
            log.info("a socket ended without leaving its group: %s", type(error).__name__)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await self._retry_on_new_file(super().group_send, group, message)

    async def _retry_on_new_file(self, action: Callable[..., Awaitable[None]], *values: Any) -> None:
        """`connection` replaces a damaged file; this tries the action again on the new one.

        More than once, because another process may be creating the file: its name is there before its tables are.
        Another task of this process may notice the new file first and close the connection under the action.
        """
        for left in reversed(range(TRIES)):
            try:
                await action(*values)
                return
            except (sqlite3.DatabaseError, PoolClosedError, ValueError) as error:
                if not left or not (was_closed(error) or store.means_damage(error)):
                    raise

    async def close(self) -> None:
        """Cancel each task until it has ended: the pool may swallow a cancellation."""
        for task in list(self._polling_tasks.values()):
            while not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=0.2)
        await super().close()

    async def close_pool(self, loop: asyncio.AbstractEventLoop) -> None:
        pool = self._layers.pop(loop, None)
        if pool is not None:
            await pool.close()


def was_closed(error: BaseException) -> bool:
    """Whether the pool was closed before or while it was used: errors of aiosqlitepool, sqlite3 and aiosqlite."""
    if isinstance(error, PoolClosedError):
        return True
    message = str(error).lower() if isinstance(error, (sqlite3.ProgrammingError, ValueError)) else ""
    return any(words in message for words in ("closed database", "connection closed", "no active connection"))


def inode_of(path: Path) -> int | None:
    """A number that differs for another file under the same name. None if there is no file, or an empty one."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino if found.st_size else None


def _before_closing(loop: asyncio.AbstractEventLoop, layer: SQLiteChannelLayer) -> None:
    """Make `loop.close()` close the pool first, while the loop can still run."""
    close = loop.close

    def close_all() -> None:
        loop.close = close  # type: ignore[method-assign]
        if not loop.is_closed() and not loop.is_running():
            loop.run_until_complete(layer.close_pool(loop))
        close()

    loop.close = close_all  # type: ignore[method-assign]
