"""channels-lite's layer, cleaned up after: an event loop that ends takes its connections with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from channels_lite.layers.aio import AIOSQLiteChannelLayer


class SQLiteChannelLayer(AIOSQLiteChannelLayer):
    """Each event loop has a pool of connections, and each connection a thread that is no daemon.

    Code outside the web process sends from short-lived loops (`async_to_sync`): without this, every
    send would leave threads behind, and a management command could never end.
    """

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        loop = asyncio.get_running_loop()
        if loop not in self._layers:
            _before_closing(loop, self)
        async with super().connection() as connection:
            yield connection

    async def close_pool(self, loop: asyncio.AbstractEventLoop) -> None:
        pool = self._layers.pop(loop, None)
        if pool is not None:
            await pool.close()


def _before_closing(loop: asyncio.AbstractEventLoop, layer: SQLiteChannelLayer) -> None:
    """Make `loop.close()` close the loop's pool first, while the loop can still run."""
    close = loop.close

    def close_all() -> None:
        loop.close = close  # type: ignore[method-assign]
        if not loop.is_closed() and not loop.is_running():
            loop.run_until_complete(layer.close_pool(loop))
        close()

    loop.close = close_all  # type: ignore[method-assign]
