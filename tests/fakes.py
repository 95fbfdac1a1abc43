"""Fakes with the interfaces of the real parts."""

import asyncio
import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field

from copilot.llm import ChatMessage, FirstToken, ModelError, Piece, Priority, Sampling, Usage

INTO_ENGLISH = "Translate this into English."  # say-1
SURE = 0.999  # that one of the units it points at answers


@dataclass
class FakeModel:
    """Points at the units in `points` (none of them: no unit answers), and says "Yes" with the probability `yes`.

    Asked for a text it answers with `answer`, word by word, then raises `error` if there is one; asked for one token
    it raises `error` at once. With `pauses` it waits before its first answer until `resume` is set, with `pause_after`
    after so many pieces of a text, so that a test can act in the middle of a draft. `logprobs` False: it gives none.
    `many`: it answers several questions at once, as our own server. Asked to translate into English, as before a
    search, it answers with `in_english` at once.
    """

    answer: str = ""
    points: Sequence[int] = (1, 2)
    yes: float = 1.0
    error: ModelError | None = None
    logprobs: bool = True
    many: bool = False
    pauses: bool = False
    pause_after: int | None = None
    resume: asyncio.Event = field(default_factory=asyncio.Event)
    paused: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[tuple[list[ChatMessage], Sampling, Priority]] = field(default_factory=list)
    closed: bool = False
    in_english: str = ""
    translated: list[str] = field(default_factory=list)
    checked: list[tuple[list[ChatMessage], Priority]] = field(default_factory=list)
    name: str = "fake-model"
    sha256: str = "fa" * 32

    async def first_token(self, messages: Sequence[ChatMessage], priority: Priority) -> FirstToken:
        self.checked.append((list(messages), priority))
        if self.pauses:
            await self._pause()
        if self.error is not None:
            raise self.error
        if not self.logprobs:
            return FirstToken(finish_reason="no_logprobs")
        shares = {"Yes": self.yes, "No": 1 - self.yes, "0": 1 - SURE if self.points else SURE}
        shares |= {str(number): SURE / len(self.points) for number in self.points}
        logprobs = tuple((word, math.log(share)) for word, share in shares.items() if share)
        return FirstToken(logprobs, "1", "length", Usage(390, 350, 1), self.name)

    async def answers_many(self) -> bool:
        return self.many

    async def first_tokens(
        self, chats: Sequence[Sequence[ChatMessage]], words: Sequence[str], priority: Priority
    ) -> list[FirstToken]:
        return [await self.first_token(chat, priority) for chat in chats]

    async def stream(
        self, messages: Sequence[ChatMessage], sampling: Sampling, priority: Priority
    ) -> AsyncGenerator[Piece]:
        if (said := messages[-1]["content"]).endswith(INTO_ENGLISH):
            self.translated.append(said)
            yield Piece(text=self.in_english, model=self.name, finish_reason="stop")
            return
        self.asked.append((list(messages), sampling, priority))
        try:
            words = self.answer.split(" ")
            for position, word in enumerate(words):
                if position == self.pause_after:
                    await self._pause()
                yield Piece(text=word if position == 0 else f" {word}", model=self.name)
            if self.error is not None:
                raise self.error
            yield Piece(finish_reason="stop", usage=Usage(400, 350, len(words)), model=self.name)
        finally:
            self.closed = True

    async def _pause(self) -> None:
        self.paused.set()
        await self.resume.wait()


@dataclass
class ListeningModel(FakeModel):
    """Points at units by what the customer writes: `by_word` has a word of the message and the units."""

    by_word: Mapping[str, Sequence[int]] = field(default_factory=dict)

    async def first_token(self, messages: Sequence[ChatMessage], priority: Priority) -> FirstToken:
        message = str(messages[-1]["content"]).rpartition("Customer:")[2]
        self.points = next((units for word, units in self.by_word.items() if word in message), ())
        return await super().first_token(messages, priority)
