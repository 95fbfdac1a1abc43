"""Answers in OpenAI's shapes, whole or as server-sent events."""

import json
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

from copilot.engine.jobs import Answered, Done, Event, Failed, Text
from copilot.engine.requests import ChatRequest

CHUNK = "chat.completion.chunk"
IMPOSSIBLE = -1e4  # the logarithm of no probability at all, which JSON has no number for


class Answer:
    """One answer.

    `system_fingerprint` is the hash of the model's file, so that records can name what wrote the answer.
    """

    def __init__(self, model: str, sha256: str, chat: ChatRequest) -> None:
        self.chat = chat
        self.head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": model}
        if sha256:
            self.head["system_fingerprint"] = f"sha256:{sha256}"

    async def whole(self, events: AsyncIterator[Event]) -> dict[str, Any]:
        text = ""
        async for event in events:
            if isinstance(event, Text):
                text += event.text
            elif isinstance(event, Failed):
                raise event.error
            elif isinstance(event, Done):
                message = {"role": "assistant", "content": text}
                logprobs = self.logprobs(event)
                choice = {"index": 0, "message": message, "finish_reason": event.reason, "logprobs": logprobs}
                return self.head | {"object": "chat.completion", "choices": [choice], "usage": usage(event)}
        raise AssertionError("a text ends with Done or Failed")

    def logprobs(self, done: Done) -> dict[str, Any] | None:
        """Of the single token that was written, and of the likeliest ones."""
        if not done.logprobs:
            return None
        chosen, *likeliest = [
            {"token": text, "logprob": value, "bytes": list(text.encode())} for text, value in done.logprobs
        ]
        return {"content": [chosen | {"top_logprobs": likeliest}]}

    async def lines(self, events: AsyncIterator[Event]) -> AsyncIterator[str]:
        yield self.chunk({"role": "assistant", "content": ""})
        async for event in events:
            if isinstance(event, Text):
                yield self.chunk({"content": event.text})
            elif isinstance(event, Failed):
                yield line(event.error.body())
            elif isinstance(event, Done):
                yield self.chunk({}, event.reason)
                if self.chat.include_usage:
                    yield line(self.head | {"object": CHUNK, "choices": [], "usage": usage(event)})
                yield "data: [DONE]\n\n"

    def chunk(self, delta: dict[str, str], reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
        return line(self.head | {"object": CHUNK, "choices": [choice]})


def line(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"


def usage(done: Done) -> dict[str, Any]:
    return {
        "prompt_tokens": done.prompt_tokens,
        "completion_tokens": done.completion_tokens,
        "total_tokens": done.prompt_tokens + done.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": done.cached_tokens},
    }


def first_tokens(model: str, sha256: str, words: Sequence[str], answered: Sequence[Answered]) -> dict[str, Any]:
    """Of each chat the likeliest first token, and the logarithm of the probability of each word as the first one."""
    data = [
        {
            "index": at,
            "token": each.token,
            "logprobs": {word: max(value, IMPOSSIBLE) for word, value in zip(words, each.logprobs, strict=True)},
            "usage": usage(Done("stop", each.prompt_tokens, each.cached_tokens, 1)),
        }
        for at, each in enumerate(answered)
    ]
    named = {"system_fingerprint": f"sha256:{sha256}"} if sha256 else {}
    return {"object": "list", "model": model, "data": data} | named
