"""Models are loaded with the first request: not at import, not twice, and without a request waiting for them."""

import asyncio
import subprocess
import sys
import threading
from typing import Any

import pytest
from django_q.conf import Conf

from config.web.warming import WarmedByFirstRequest
from knowledge import warming
from knowledge.search import retrieval


async def test_the_first_request_starts_it_once_and_does_not_wait() -> None:
    warmed: list[int] = []
    go = threading.Event()

    def warm() -> None:
        go.wait(5)
        warmed.append(1)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        served.append(scope)

    served: list[Any] = []
    web = WarmedByFirstRequest(application, warm)
    for number in range(2):
        await web(number, None, None)
    assert served == [0, 1] and warmed == []
    go.set()
    assert web.warming is not None
    await asyncio.wait_for(web.warming, 5)
    assert warmed == [1]


def test_importing_the_application_starts_no_thread() -> None:
    code = "import threading, config.asgi; print(threading.active_count())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() == "1", done.stderr


@pytest.mark.parametrize(("lane", "loads"), [("worker", 1), ("slow", 0)])
def test_a_new_worker_loads_the_search_models_and_a_slow_one_waits_until_it_needs_them(
    monkeypatch: pytest.MonkeyPatch, lane: str, loads: int
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(Conf, "CLUSTER_NAME", lane)
    monkeypatch.setattr(retrieval, "warm", lambda: asked.append(1))
    warming.warm_worker()
    assert len(asked) == loads
