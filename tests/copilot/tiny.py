"""A real server on a free port with the tiny writer behind it, for tests of mechanics.

What the tiny writer says is nonsense; no test depends on it.
"""

import socket
import threading
from typing import Any

import httpx
import pytest
import uvicorn

from config import catalogue
from copilot.engine.runner import Engine
from copilot.engine.server import build_app
from copilot.engine.settings import EngineSettings

TINY = "smollm2-135m-instruct"
SYSTEM = "You are the assistant of a shop for garden tools. Answer shortly and name the tool that is asked for. " * 4


class Running:
    """A server in a thread of this process; the test can look at its engine."""

    def __init__(self, settings: EngineSettings) -> None:
        from copilot.engine.llama import Llama

        self.engine = Engine(settings, load=Llama)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        config = uvicorn.Config(build_app(self.engine), log_config=None, timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.socket]})
        self.thread.start()

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(timeout=30)

    def ask(self, text: str, **options: Any) -> httpx.Response:
        headers = options.pop("headers", {})
        body = {"messages": messages(text), "temperature": 0, "max_tokens": 24} | options
        return httpx.post(f"{self.url}/v1/chat/completions", json=body, headers=headers, timeout=120)

    def text(self, text: str, **options: Any) -> str:
        response = self.ask(text, **options)
        assert response.status_code == 200, response.text
        return response.json()["choices"][0]["message"]["content"]

    def health(self) -> dict[str, Any]:
        return httpx.get(f"{self.url}/health").json()


def messages(text: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}]


def tiny_settings(**options: Any) -> EngineSettings:
    if not catalogue.is_present(TINY):
        pytest.skip("the tiny writer is not here: manage.py fetch_models --tests")
    defaults = {"model_path": catalogue.model_path(TINY), "model_name": TINY, "context": 2048}
    return EngineSettings(**(defaults | options))
