"""The client of any OpenAI-compatible server; our own model process is just the default one.

`Model` is the interface; `tests/fakes.py:FakeModel` is its deterministic stand-in.
"""

import json
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import httpx
from django.conf import settings

COMPLETIONS = "/chat/completions"
TOP_LOGPROBS = 20
LEAST_SURE = 0.05  # yes and no together; below, the model did not answer the question at all

Priority = Literal["interactive", "background"]
ChatMessage = dict[str, str]


class ModelError(Exception):
    """The model gave no answer. `retryable`: the same request may succeed later.

    `code` is stable for the screen and the tests: unavailable, no_model, refused, too_long, broken, timeout.
    """

    def __init__(self, code: str, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.code, self.message, self.retryable = code, message, retryable


@dataclass(frozen=True)
class Usage:
    prompt_tokens: int | None = None
    cached_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True)
class Piece:
    """A bit of the answer; the last piece has no text but a finish reason and, where known, usage."""

    text: str = ""
    finish_reason: str = ""
    usage: Usage = field(default_factory=Usage)
    model: str = ""


@dataclass(frozen=True)
class Sampling:
    temperature: float = 0.1
    max_tokens: int = 220
    seed: int = 1
    stop: tuple[str, ...] = ()


class Model(Protocol):
    def stream(
        self, messages: Sequence[ChatMessage], sampling: Sampling, priority: Priority
    ) -> AsyncIterator[Piece]: ...

    async def yes_or_no(self, messages: Sequence[ChatMessage], priority: Priority) -> float | None:
        """How probable "yes" is, of yes and no, as the first word of the answer; None where the server cannot say."""


class HttpModel:
    """Streams chat completions over HTTP. Closing the iterator closes the connection, which stops the server."""

    def __init__(self, base_url: str = "", name: str = "", api_key: str = "") -> None:
        self.base_url = (base_url or settings.LLM_BASE_URL).rstrip("/")
        self.name = name or settings.COPILOT_MODEL
        self.headers = (
            {"Authorization": f"Bearer {api_key or settings.LLM_API_KEY}"} if api_key or settings.LLM_API_KEY else {}
        )

    async def stream(
        self, messages: Sequence[ChatMessage], sampling: Sampling, priority: Priority
    ) -> AsyncIterator[Piece]:
        body = {
            "model": self.name,
            "messages": list(messages),
            "temperature": sampling.temperature,
            "max_tokens": sampling.max_tokens,
            "seed": sampling.seed,
            "stream": True,
            "stream_options": {"include_usage": True},
            **({"stop": list(sampling.stop)} if sampling.stop else {}),
        }
        async with self._client(priority) as client, client.stream("POST", COMPLETIONS, json=body) as response:
            if response.status_code != 200:
                raise refusal(response.status_code, await response.aread())
            async for piece in pieces(response.aiter_lines()):
                yield piece

    async def yes_or_no(self, messages: Sequence[ChatMessage], priority: Priority) -> float | None:
        body = {
            "model": self.name,
            "messages": list(messages),
            "temperature": 0,
            "max_tokens": 1,
            "logprobs": True,
            "top_logprobs": TOP_LOGPROBS,
        }
        async with self._client(priority) as client:
            response = await client.post(COMPLETIONS, json=body)
        if response.status_code in {400, 404, 422, 501}:  # a server without logprobs
            return None
        if response.status_code != 200:
            raise refusal(response.status_code, response.content)
        try:
            return share_of_yes(response.json())
        except ValueError as error:
            raise ModelError("broken", "The model's answer could not be read.", retryable=True) from error

    @asynccontextmanager
    async def _client(self, priority: Priority) -> AsyncIterator[httpx.AsyncClient]:
        """Errors of the connection come out as ModelError."""
        timeout = httpx.Timeout(settings.LLM_TIMEOUT, connect=3)
        headers = self.headers | {"X-Priority": priority}
        try:
            async with httpx.AsyncClient(base_url=self.base_url, timeout=timeout, headers=headers) as client:
                yield client
        except httpx.TimeoutException as error:
            raise ModelError("timeout", "The model did not answer in time.", retryable=True) from error
        except httpx.TransportError as error:
            raise ModelError("unavailable", "The model is not running.", retryable=True) from error


def share_of_yes(body: dict[str, Any]) -> float | None:
    """The probability of all spellings of "yes" among those of "yes" and "no"; None if neither is likely."""
    choices = body.get("choices") or [{}]
    content = (choices[0].get("logprobs") or {}).get("content") or [{}]
    told = {"yes": 0.0, "no": 0.0}
    for each in content[0].get("top_logprobs") or []:
        word = str(each.get("token", "")).strip().lower()
        if word in told:
            told[word] += math.exp(float(each["logprob"]))
    both = sum(told.values())
    return told["yes"] / both if both >= LEAST_SURE else None


async def pieces(lines: AsyncIterator[str]) -> AsyncIterator[Piece]:
    """Server-sent events to pieces. Raises ModelError if the stream ends without `[DONE]` or breaks."""
    async for line in lines:
        if not line.startswith("data:"):
            continue
        data = line[5:].strip()
        if data == "[DONE]":
            return
        try:
            event = json.loads(data)
        except ValueError as error:
            raise ModelError("broken", "The model's answer could not be read.", retryable=True) from error
        if "error" in event:
            raise ModelError("broken", error_text(event), retryable=True)
        yield parse_event(event)
    raise ModelError("broken", "The model stopped in the middle of its answer.", retryable=True)


def parse_event(event: dict[str, Any]) -> Piece:
    choices = event.get("choices") or [{}]
    counts = event.get("usage") or {}
    details = counts.get("prompt_tokens_details") or {}
    return Piece(
        text=(choices[0].get("delta") or {}).get("content") or "",
        finish_reason=choices[0].get("finish_reason") or "",
        usage=Usage(counts.get("prompt_tokens"), details.get("cached_tokens"), counts.get("completion_tokens")),
        model=str(event.get("model") or ""),
    )


def error_text(body: Any) -> str:
    error = body.get("error") if isinstance(body, dict) else None
    text = error.get("message") if isinstance(error, dict) else error
    return str(text or "The model refused the request.")[:250]


def refusal(status: int, raw: bytes) -> ModelError:
    """What an HTTP error means for us: later, or never with this request."""
    try:
        body = json.loads(raw)
    except ValueError:
        body = {}
    text = error_text(body)
    code = (
        (body.get("error") or {}).get("code") if isinstance(body, dict) and isinstance(body.get("error"), dict) else ""
    )
    if code == "context_length_exceeded" or status == 413:
        return ModelError("too_long", "The conversation is too long for the model.", retryable=False)
    if status == 503:
        return ModelError("no_model" if code == "no_model" else "unavailable", text, retryable=True)
    if status == 429 or status >= 500:
        return ModelError("unavailable", text, retryable=True)
    return ModelError("refused", text, retryable=False)


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


def health(timeout: float = 1.5) -> Health:
    """Ask the model server how it is; an OpenAI-compatible server without /health is asked for its models."""
    base = settings.LLM_BASE_URL.rstrip("/")
    headers = {"Authorization": f"Bearer {settings.LLM_API_KEY}"} if settings.LLM_API_KEY else {}
    try:
        with httpx.Client(timeout=timeout, headers=headers) as client:
            if settings.LLM_EMBEDDED:
                return from_engine(client.get(f"{base.removesuffix('/v1')}/health").json())
            response = client.get(f"{base}/models")
            response.raise_for_status()
            names = [str(model.get("id", "")) for model in response.json().get("data", [])]
            return Health("ready", "model ready", names[0] if names else "")
    except (httpx.HTTPError, ValueError):
        return Health("down", "The model is not running. Drafts will be written when it is back.")


def from_engine(body: dict[str, Any]) -> Health:
    name, sha256 = str(body.get("model", "")), str(body.get("sha256", ""))
    status = body.get("status")
    if status in {"ok", "idle"}:
        return Health("ready", "model ready", name, sha256)
    if status == "loading":
        return Health("loading", "The model is being loaded.", name, sha256)
    if status == "no_model":
        return Health("no_model", "No model file is here. Run `manage.py fetch_models`; drafts wait until then.", name)
    return Health("down", "The model has a problem; see its log. Drafts will be written when it is back.", name)
