"""The state of the model server, for pages and for callers about to ask it. Never raises, never waits long."""

import time
from dataclasses import dataclass
from typing import Any

import httpx
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.certificates import trusted
from copilot.llm import breaker
from copilot.llm.answers import parsed
from copilot.llm.errors import ModelError

MAX_ANSWER = 256 * 1024


@dataclass(frozen=True)
class Health:
    """`code`: ready, loading, no_model, down. `text` is what pages say, in their language."""

    code: str
    text: str
    model: str = ""
    sha256: str = ""

    @property
    def ready(self) -> bool:
        return self.code == "ready"


def health(timeout: float = 1.5) -> Health:
    """Ask the model server for its state; other OpenAI-compatible servers, without /health, for their models.

    While the breaker is open it answers at once, so that no page waits for a server that hangs.
    """
    base = settings.LLM_BASE_URL.rstrip("/")
    left = breaker.of(base).resting
    if left:
        return Health("down", resting_text(round(left)))
    try:
        if settings.LLM_EMBEDDED:
            return from_engine(_ask(f"{base.removesuffix('/v1')}/health", timeout, check=False))
        models = _ask(f"{base}/models", timeout).get("data")
        first = models[0] if isinstance(models, list) and models else {}
        name = first.get("id") if isinstance(first, dict) else ""
        return Health("ready", _("Model ready"), str(name or "")[:120])
    except (httpx.HTTPError, httpx.InvalidURL, ModelError):
        return Health("down", _("The model is not running. Drafts will be written when it is back."))


def resting_text(seconds: int) -> str:
    """While the breaker is open."""
    if seconds < 1:
        return _("The model does not answer. Copydesk is trying it again now. Drafts wait until it answers.")
    return ngettext(
        "The model does not answer. Copydesk tries again in %(seconds)d second. Drafts wait until then.",
        "The model does not answer. Copydesk tries again in %(seconds)d seconds. Drafts wait until then.",
        seconds,
    ) % {"seconds": seconds}


def alive(base_url: str) -> bool:
    """Whether the server answers anything at all, even a refusal. Used when a request ran out of time."""
    try:
        with (
            httpx.Client(timeout=2, verify=trusted()) as client,
            client.stream("GET", f"{base_url}/models") as response,
        ):
            return response.status_code > 0
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def _ask(url: str, timeout: float, check: bool = True) -> dict[str, Any]:
    """A JSON object, within `timeout` seconds for all of it."""
    end, read = time.monotonic() + timeout, bytearray()
    headers = {"Authorization": f"Bearer {settings.LLM_API_KEY}"} if settings.LLM_API_KEY else {}
    with (
        httpx.Client(timeout=timeout, headers=headers, verify=trusted()) as client,
        client.stream("GET", url) as response,
    ):
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
        return Health("ready", _("Model ready"), name, sha256)
    if status == "loading":
        return Health("loading", _("The model is loading."), name, sha256)
    if status == "no_model":
        missing = _("The model file is missing. Run `manage.py fetch_models` on the server. Drafts wait until then.")
        return Health("no_model", missing, name)
    problem = _("The model has a problem, see its log. Drafts will be written when it is back.")
    return Health("down", problem, name)
