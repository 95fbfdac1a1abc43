"""channels-lite's layer, made safe in two ways: nothing of it outlives its event loop, and a damaged file is replaced.

Each event loop has a pool of connections, and each connection a thread. Code outside the web process sends from
short-lived loops (`async_to_sync`): without closing the pool with its loop every send would leave threads behind.
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

PAUSE = 5.0  # seconds without a further try after the file could neither be used nor replaced
LOST = {"type": "line.lost"}  # to every socket of this process: its groups were in the file that is gone


class LiveUpdatesDown(RuntimeError):
    """The channel layer's file cannot be used at the moment. Raised at once, without touching the file."""


class LoopPool(SQLiteLoopLayer):
    """The pool of one event loop, and which file it is open on."""

    def __init__(self, channel_layer: "SQLiteChannelLayer") -> None:
        super().__init__(channel_layer)
        self.inode = inode_of(channel_layer.path)

    async def get_pool(self) -> SQLiteConnectionPool:
        if self.pool is None:
            self.pool = SQLiteConnectionPool(self._connect, pool_size=self.channel_layer.pool_size)
        return self.pool

    async def _connect(self) -> Any:
        """As channels-lite connects, but with a thread that ends with the process, and none left after a failure."""
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
        """A connection to the file as it is now. Raises LiveUpdatesDown, or the error that made it so."""
        if time.monotonic() < self._down_until:
            raise LiveUpdatesDown
        loop = asyncio.get_running_loop()
        now = inode_of(self.path)
        if now is None:
            await self._mend(loop)
        elif loop in self._layers and self._layers[loop].inode != now:
            await self._begin_anew(loop)
        if loop not in self._layers:
            self._layers[loop] = LoopPool(self)
            _before_closing(loop, self)
        try:
            async with super().connection() as connection:
                yield connection
        except sqlite3.DatabaseError as error:
            if store.means_damage(error):
                await self._mend(loop)
            raise

    async def _mend(self, loop: asyncio.AbstractEventLoop) -> None:
        """Raises LiveUpdatesDown where no file can be made."""
        was = self._layers[loop].inode if loop in self._layers else None
        await self.close_pool(loop)
        try:
            await sync_to_async(store.mend, thread_sensitive=False)(self.path)
        except Exception as error:
            self._down_until = time.monotonic() + PAUSE
            log.error("%s cannot be made anew (%s); pages show news after a reload", self.path.name, error)
            raise LiveUpdatesDown from error
        if inode_of(self.path) != was:
            await self._begin_anew(loop)

    async def _begin_anew(self, loop: asyncio.AbstractEventLoop) -> None:
        """Another file is there than the one that the sockets of this process joined their groups in."""
        await self.close_pool(loop)
        for buffer in self.receive_buffer.values():
            buffer.put_nowait(LOST)

    async def _receive_single_from_db(self, channel: str) -> Any:
        """As channels-lite does; what goes wrong is met with a pause and one line, not twenty lines a second."""
        try:
            return await super()._receive_single_from_db(channel)
        except (LiveUpdatesDown, PoolClosedError, sqlite3.DatabaseError) as error:
            if isinstance(error, sqlite3.DatabaseError):
                log.warning("live updates pause: %s", type(error).__name__)
            await asyncio.sleep(1)
            raise ChannelEmpty from error

    async def group_add(self, group: str, channel: str) -> None:
        # Before it receives: what it is told while it joins must not be lost.
        self.receive_buffer.setdefault(channel, BoundedQueue(maxsize=self.get_capacity(channel)))
        await self._again_if_mended(super().group_add, group, channel)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await self._again_if_mended(super().group_send, group, message)

    async def _again_if_mended(self, action: Callable[..., Awaitable[None]], *values: Any) -> None:
        """Who meets the damage has the file mended (`connection`); what it came for is done in the new one."""
        try:
            await action(*values)
        except (PoolClosedError, sqlite3.DatabaseError) as error:
            if isinstance(error, sqlite3.DatabaseError) and not store.means_damage(error):
                raise
            await action(*values)

    async def close(self) -> None:
        """Cancels until it has happened: the pool swallows a cancellation that meets the end of its waiting."""
        for task in list(self._polling_tasks.values()):
            while not task.done():
                task.cancel()
                await asyncio.wait({task}, timeout=0.2)
        await super().close()

    async def close_pool(self, loop: asyncio.AbstractEventLoop) -> None:
        pool = self._layers.pop(loop, None)
        if pool is not None:
            await pool.close()


def inode_of(path: Path) -> int | None:
    """Tells a file from another that took its place; None where there is none."""
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _before_closing(loop: asyncio.AbstractEventLoop, layer: SQLiteChannelLayer) -> None:
    """Make `loop.close()` close the loop's pool first, while the loop can still run."""
    close = loop.close

    def close_all() -> None:
        loop.close = close  # type: ignore[method-assign]
        if not loop.is_closed() and not loop.is_running():
            loop.run_until_complete(layer.close_pool(loop))
        close()

    loop.close = close_all  # type: ignore[method-assign]
