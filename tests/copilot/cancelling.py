"""A task that is cancelled while a thread works for it: the thread goes on, and what it did has to be put right."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

import pytest
from asgiref.sync import async_to_sync


class Pause:
    """The thread calls `here`; it goes on once the task has been cancelled."""

    def __init__(self) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()

    def here(self) -> None:
        self.begun.set()
        assert self.go_on.wait(60)

    def cancel(self, work: Coroutine[Any, Any, object]) -> None:
        """Runs `work`, cancels it at the pause, and expects that it ends as cancelled."""

        async def story() -> None:
            working = asyncio.create_task(work)
            await asyncio.to_thread(self.begun.wait, 60)
            working.cancel()
            await asyncio.sleep(0)  # it is told
            self.go_on.set()
            with pytest.raises(asyncio.CancelledError):
                await working

        async_to_sync(story)()
