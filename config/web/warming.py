"""The search models take seconds to load: the web process loads them with its first request, not before.

`up` and load balancers ask /health at once, and must not wait for that.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from django.db import connections

Application = Callable[[Any, Any, Any], Awaitable[None]]


class WarmedByFirstRequest:
    """Serves at once; `warm` runs beside it, once, in a thread."""

    def __init__(self, application: Application, warm: Callable[[], None]) -> None:
        self.application = application
        self.warm = warm
        self.warming: asyncio.Future[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.warming is None:
            self.warming = asyncio.get_running_loop().run_in_executor(None, self._warm)
        await self.application(scope, receive, send)

    def _warm(self) -> None:
        try:
            self.warm()
        finally:
            connections.close_all()
