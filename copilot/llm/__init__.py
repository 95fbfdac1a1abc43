"""The client for any OpenAI-compatible server; our own model process is just the default one.

`Model` is the interface; `tests/fakes.py:FakeModel` is its deterministic stand-in. Answers are read
within limits of time and size (reading) and checked (answers); a server that fails is not asked for a while (breaker).
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, Protocol

import httpx
from django.conf import settings
from django.utils.translation import gettext_noop

from config import catalogue
from config.certificates import trusted
from copilot.llm import breaker, offers
from copilot.llm.answers import FirstToken, Piece, Usage, first_token, first_tokens, parsed, pieces, refusal
from copilot.llm.errors import ModelError, broken
from copilot.llm.health import Health, alive, health
from copilot.llm.reading import TOO_LATE, Deadline, body, clean, lines

__all__ = [
    "ChatMessage",
    "FirstToken",
    "Health",
    "HttpModel",
    "Model",
    "ModelError",
    "Piece",
    "Priority",
    "Sampling",
    "Usage",
    "health",
]

COMPLETIONS = "/chat/completions"
FIRST_TOKEN = {
    "temperature": 0,
    "max_tokens": 1,
    "logprobs": True,
    "top_logprobs": 20,
}  # one token and its probabilities
OFFER = 2.0  # seconds for the answer to an empty request
NOT_RUNNING = gettext_noop("The model is not running.")
LONGEST_TOKEN = 40  # characters: an answer longer than max_tokens of these does not end

Priority = Literal["interactive", "background"]
ChatMessage = dict[str, str]


@dataclass(frozen=True)
class Sampling:
    temperature: float = 0.1
    max_tokens: int = 220
    seed: int = 1
    stop: tuple[str, ...] = ()

    @property
    def as_sent(self) -> dict[str, Any]:
        stop = {"stop": list(self.stop)} if self.stop else {}
        return {"temperature": self.temperature, "max_tokens": self.max_tokens, "seed": self.seed, **stop}


def said(messages: Sequence[ChatMessage]) -> dict[str, Any]:
    return {"messages": [{name: clean(value) for name, value in message.items()} for message in messages]}


class Model(Protocol):
    """Call it through copilot/calls.py, which records every call."""

    name: str

    @property
    def sha256(self) -> str:
        """Of the model's file, if it is known before the first answer; "" otherwise."""

    def stream(
        self, messages: Sequence[ChatMessage], sampling: Sampling, priority: Priority
    ) -> AsyncGenerator[Piece]: ...

    async def first_token(self, messages: Sequence[ChatMessage], priority: Priority) -> FirstToken: ...

    async def answers_many(self) -> bool:
        """Whether `first_tokens` can be asked."""

    async def first_tokens(
        self, chats: Sequence[Sequence[ChatMessage]], words: Sequence[str], priority: Priority
    ) -> list[FirstToken]:
        """Of each chat, with the probability of each word. What they share is read once."""


class HttpModel:
    """Streams chat completions over HTTP. Closing the iterator closes the connection, which stops the server."""

    def __init__(self, base_url: str = "", name: str = "", api_key: str = "") -> None:
        self.base_url = (base_url or settings.LLM_BASE_URL).rstrip("/")
        self.name = name or settings.COPILOT_MODEL
        key = api_key or settings.LLM_API_KEY
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}

    @property
    def sha256(self) -> str:
        """From the catalogue for our own model process; another server may give it in its answers."""
        own = catalogue.known_writer() and self.base_url == settings.LLM_BASE_URL.rstrip("/")
        known = catalogue.catalogue().get(self.name) if own else None
        return catalogue.fingerprint(known.sha256, catalogue.adapter()) if known else ""

    async def stream(
        self, messages: Sequence[ChatMessage], sampling: Sampling, priority: Priority
    ) -> AsyncGenerator[Piece]:
        wanted = said(messages) | sampling.as_sent | {"stream": True, "stream_options": {"include_usage": True}}
        async with self._response(COMPLETIONS, wanted, priority) as (response, deadline):
            if response.status_code != 200:
                raise await self._refusal(response, deadline)
            if "json" in (kind := response.headers.get("content-type", "")) or "html" in kind:
                raise broken(gettext_noop("The model server does not stream its answer."))
            came = False
            try:
                async for piece in pieces(lines(response, deadline), LONGEST_TOKEN * sampling.max_tokens):
                    came = True
                    yield piece
            except GeneratorExit:  # the reader stopped early
                if came:
                    breaker.of(self.base_url).answered()
                raise
            breaker.of(self.base_url).answered()

    async def first_token(self, messages: Sequence[ChatMessage], priority: Priority) -> FirstToken:
        async with self._response(COMPLETIONS, said(messages) | FIRST_TOKEN, priority) as (response, deadline):
            if response.status_code != 200:
                refused = await self._refusal(response, deadline)
                if response.status_code in {400, 422, 501} and refused.code != "too_long":  # a server without logprobs
                    return FirstToken(finish_reason="no_logprobs")
                raise refused
            answer = first_token(parsed(await body(response, deadline)))
            breaker.of(self.base_url).answered()
            return answer

    async def answers_many(self) -> bool:
        found = offers.known(self.base_url)
        if found is not None or breaker.of(self.base_url).resting:
            return bool(found)
        try:
            async with self._client("interactive", deadline := Deadline(OFFER)) as client:
                request = client.build_request("POST", offers.FIRST_TOKENS, json={})
                response = await deadline.wait(client.send(request, stream=True))
                try:
                    return offers.learn(self.base_url, response.status_code, await body(response, deadline))
                finally:
                    await response.aclose()
        except ModelError:  # the question itself will say why
            return False

    async def first_tokens(
        self, chats: Sequence[Sequence[ChatMessage]], words: Sequence[str], priority: Priority
    ) -> list[FirstToken]:
        wanted = {"chats": [said(chat)["messages"] for chat in chats], "words": list(words)}
        async with self._response(offers.FIRST_TOKENS, wanted, priority) as (response, deadline):
            if response.status_code in offers.LACKING:  # another server took its place
                offers.forget()
                raise broken()
            if response.status_code != 200:
                raise await self._refusal(response, deadline)
            answers = first_tokens(parsed(await body(response, deadline)), words, len(chats))
            breaker.of(self.base_url).answered()
            return answers

    async def _refusal(self, response: httpx.Response, deadline: Deadline) -> ModelError:
        return refusal(response.status_code, await body(response, deadline), response.headers.get("retry-after", ""))

    @asynccontextmanager
    async def _response(
        self, address: str, wanted: dict[str, Any], priority: Priority
    ) -> AsyncIterator[tuple[httpx.Response, Deadline]]:
        """The server's response, not yet read. Every failure becomes a ModelError."""
        asked = {"model": self.name, **wanted}
        deadline = self._deadline(priority)
        with breaker.of(self.base_url).asking():
            async with self._client(priority, deadline) as client:
                request = client.build_request("POST", address, json=asked)
                response = await deadline.wait(client.send(request, stream=True))
                try:
                    yield response, deadline
                finally:
                    await response.aclose()

    def _deadline(self, priority: Priority) -> Deadline:
        """Background requests may take longer, and may pause for agents' requests, as long as the server is alive."""
        if priority == "interactive":
            return Deadline(settings.LLM_TIMEOUT)
        there = partial(asyncio.to_thread, alive, self.base_url)
        return Deadline(settings.LLM_BACKGROUND_TIMEOUT, settings.LLM_TIMEOUT, there)

    @asynccontextmanager
    async def _client(self, priority: Priority, deadline: Deadline) -> AsyncIterator[httpx.AsyncClient]:
        """Connection errors become ModelError."""
        timeout = httpx.Timeout(settings.LLM_TIMEOUT, connect=3, read=None)  # reading has the deadline
        # No compression: a small answer must not unpack into a huge one.
        headers = self.headers | {"X-Priority": priority, "Accept-Encoding": "identity"}
        try:
            async with httpx.AsyncClient(
                base_url=self.base_url, timeout=timeout, headers=headers, verify=trusted()
            ) as client:
                yield client
        except ModelError as error:
            if error.code == "timeout" and not error.hangs:
                error.hangs = not await asyncio.to_thread(alive, self.base_url)
            raise
        except httpx.TimeoutException as error:
            hangs = not await asyncio.to_thread(alive, self.base_url)
            raise ModelError("timeout", TOO_LATE, retryable=True, hangs=hangs) from error
        except httpx.TransportError as error:
            raise ModelError("unavailable", NOT_RUNNING, retryable=True) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise broken() from error
