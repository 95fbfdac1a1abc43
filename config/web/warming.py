"""Loads the search models, which takes seconds, with the first request and not at start.

`manage.py up` and load balancers request /health at once and must not wait for the models.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from django.db import connections

Application = Callable[[Any, Any, Any], Awaitable[None]]


class WarmedByFirstRequest:
    """Serves at once. `warm` runs once, in a thread."""

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
