"""A model that counts what it writes."""

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from copilot.llm import ChatMessage, FirstToken, Model, Piece, Priority, Sampling


@dataclass
class Counting:
    """The model, with a count of what it writes."""

    model: Model
    tokens: int = 0
    seconds: float = 0.0
    name: str = field(init=False)
    sha256: str = field(init=False)

    def __post_init__(self) -> None:
        self.name, self.sha256 = self.model.name, self.model.sha256

    @property
    def tokens_per_second(self) -> float | None:
        """None if it has written nothing."""
        return round(self.tokens / self.seconds, 1) if self.tokens else None

    async def stream(
        self, messages: Sequence[ChatMessage], sampling: Sampling, priority: Priority
    ) -> AsyncGenerator[Piece]:
        began = time.monotonic()
        async with aclosing(self.model.stream(messages, sampling, priority)) as pieces:
            async for piece in pieces:
                self.tokens += piece.usage.completion_tokens or 0
                yield piece
        self.seconds += time.monotonic() - began

    async def first_token(self, messages: Sequence[ChatMessage], priority: Priority) -> FirstToken:
        return await self.model.first_token(messages, priority)

    async def answers_many(self) -> bool:
        return await self.model.answers_many()

    async def first_tokens(
        self, chats: Sequence[Sequence[ChatMessage]], words: Sequence[str], priority: Priority
    ) -> list[FirstToken]:
        return await self.model.first_tokens(chats, words, priority)
