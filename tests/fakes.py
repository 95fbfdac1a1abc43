"""Fakes with the interfaces of the real parts."""

import asyncio
import math
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field

from copilot.llm import ChatMessage, ModelError, Piece, Priority, Sampling, Usage, YesNo


@dataclass
class FakeModel:
    """Answers with `answer`, word by word, then raises `error` if there is one.

    `yes` is its probability in the answerability check. After `pause_after` pieces it waits until `resume` is set, so
    that a test can act in the middle of a draft.
    """

    answer: str = ""
    yes: float | None = 1.0
    error: ModelError | None = None
    pause_after: int | None = None
    resume: asyncio.Event = field(default_factory=asyncio.Event)
    paused: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[tuple[list[ChatMessage], Sampling, Priority]] = field(default_factory=list)
    closed: bool = False
    checked: list[list[ChatMessage]] = field(default_factory=list)
    name: str = "fake-model"
    sha256: str = "fa" * 32

    async def yes_or_no(self, messages: Sequence[ChatMessage], priority: Priority) -> YesNo:
        self.checked.append(list(messages))
        if self.yes is None:
            return YesNo(finish_reason="no_logprobs")
        logprobs = tuple((word, math.log(p)) for word, p in (("Yes", self.yes), ("No", 1 - self.yes)) if p)
        return YesNo(self.yes, logprobs, "Yes", "length", Usage(390, 350, 1), self.name)

    async def stream(
        self, messages: Sequence[ChatMessage], sampling: Sampling, priority: Priority
    ) -> AsyncGenerator[Piece]:
        self.asked.append((list(messages), sampling, priority))
        try:
            words = self.answer.split(" ")
            for position, word in enumerate(words):
                if position == self.pause_after:
                    self.paused.set()
                    await self.resume.wait()
                yield Piece(text=word if position == 0 else f" {word}", model="fake-model")
            if self.error is not None:
                raise self.error
            yield Piece(finish_reason="stop", usage=Usage(400, 350, len(words)), model="fake-model")
        finally:
            self.closed = True
