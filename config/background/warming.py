"""The search models take seconds to load: each process that searches loads them when it begins to serve, not before.

The web process begins with its first request (`up` and load balancers ask /health at once), a worker when it is
spawned, the drafter before its first draft.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from config.background.lanes import WORKER

Application = Callable[[Any, Any, Any], Awaitable[None]]


class WarmedByFirstRequest:
    """Serves at once; the models are loaded beside it, in a thread."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.warming: asyncio.Future[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if self.warming is None:
            self.warming = asyncio.get_running_loop().run_in_executor(None, _warm)
        await self.application(scope, receive, send)


def _warm() -> None:
    from django.db import connections

    from knowledge.search.retrieval import warm

    try:
        warm()
    finally:
        connections.close_all()


def warm_worker(**kwargs: Any) -> None:
    """A new process of the worker lane stores vectors of what is published: the first author does not wait longer."""
    from django_q.conf import Conf

    if Conf.CLUSTER_NAME != WORKER:
        return
    from knowledge.index.embeddings import EmbedderUnavailable, get_embedder

    with contextlib.suppress(EmbedderUnavailable):
        get_embedder().embed_passages(["warm"])
