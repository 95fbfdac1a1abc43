"""How the model server is, for the screen and for who would ask it. Never raises, never waits long."""

import time
from dataclasses import dataclass
from typing import Any

import httpx
from django.conf import settings

from copilot.llm import breaker
from copilot.llm.answers import parsed
from copilot.llm.errors import ModelError

MAX_ANSWER = 256 * 1024


@dataclass(frozen=True)
class Health:
    """`code`: ready, loading, no_model, down. `text` is what the screen says."""

    code: str
    text: str
    model: str = ""
    sha256: str = ""

    @property
    def ready(self) -> bool:
        return self.code == "ready"


NOT_RUNNING = "The model is not running. Drafts will be written when it is back."


def health(timeout: float = 1.5) -> Health:
    """Ask the model server how it is; an OpenAI-compatible server without /health is asked for its models.

    While the breaker rests the answer is at hand: nobody who opens a page waits for a server that hangs.
    """
    base = settings.LLM_BASE_URL.rstrip("/")
    left = breaker.of(base).resting
    if left:
        return Health("down", breaker.resting_text(left))
    try:
        if settings.LLM_EMBEDDED:
            return from_engine(_ask(f"{base.removesuffix('/v1')}/health", timeout, check=False))
        models = _ask(f"{base}/models", timeout).get("data")
        first = models[0] if isinstance(models, list) and models else {}
        name = first.get("id") if isinstance(first, dict) else ""
        return Health("ready", "model ready", str(name or "")[:120])
    except (httpx.HTTPError, httpx.InvalidURL, ModelError):
        return Health("down", NOT_RUNNING)


def alive(base_url: str) -> bool:
    """Does the server answer anything at all, be it a refusal? Asked when a request ran out of time."""
    try:
        with httpx.Client(timeout=2) as client, client.stream("GET", f"{base_url}/models") as response:
            return response.status_code > 0
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def _ask(url: str, timeout: float, check: bool = True) -> dict[str, Any]:
    """A JSON object, within `timeout` seconds for all of it."""
    end, read = time.monotonic() + timeout, bytearray()
    headers = {"Authorization": f"Bearer {settings.LLM_API_KEY}"} if settings.LLM_API_KEY else {}
    with httpx.Client(timeout=timeout, headers=headers) as client, client.stream("GET", url) as response:
        if check:
            response.raise_for_status()
        for chunk in response.iter_bytes():
            read += chunk
            if len(read) > MAX_ANSWER or time.monotonic() > end:
                raise httpx.ReadTimeout("no end")
    return parsed(bytes(read))


def from_engine(body: dict[str, Any]) -> Health:
    name, sha256 = str(body.get("model", "")), str(body.get("sha256", ""))
    status = body.get("status")
    if status in ("ok", "idle"):
        return Health("ready", "model ready", name, sha256)
    if status == "loading":
        return Health("loading", "The model is being loaded.", name, sha256)
    if status == "no_model":
        return Health("no_model", "No model file is here. Run `manage.py fetch_models`; drafts wait until then.", name)
    return Health("down", "The model has a problem; see its log. Drafts will be written when it is back.", name)
