"""A job: one text to write or one question to answer in the decode thread, and its events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from copilot.engine.errors import EngineError
from copilot.engine.requests import Sampling
from copilot.engine.sequences import MemoryOp, Work
from copilot.engine.sequences import Sequence as Tokens
from copilot.engine.tokens import TextStream


class TokenSampler(Protocol):
    def sample(self, index: int) -> int: ...
    def logprobs(self, index: int, chosen: int, count: int) -> list[tuple[int, float]]: ...
    def close(self) -> None: ...


class Backend(Protocol):
    """What the thread needs of a model: `llama.Llama`, or a fake in tests."""

    size: int
    longest: int

    def render(self, messages: list[dict[str, str]]) -> str: ...
    def tokenize(self, text: str, markup: bool) -> list[int]: ...
    def piece(self, token: int) -> bytes: ...
    def is_end(self, token: int) -> bool: ...
    def apply(self, ops: Sequence[MemoryOp]) -> None: ...
    def decode(self, work: Sequence[Work]) -> bool: ...
    def sampler(self, sampling: Sampling) -> TokenSampler: ...
    def spellings(self, word: str) -> list[int]: ...
    def likeliest(self, index: int) -> int: ...
    def logprobs(self, index: int, words: Sequence[Sequence[int]]) -> list[float]: ...
    def close(self) -> None: ...


@dataclass(frozen=True)
class Text:
    text: str


@dataclass(frozen=True)
class Done:
    reason: str  # stop, length, cancelled
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    # Where asked for: the token written and the likeliest ones, each with the natural logarithm of its probability.
    logprobs: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Answered:
    """A question: the likeliest first token, and the logarithm of the probability of each word as the first one."""

    token: str
    logprobs: tuple[float, ...]
    prompt_tokens: int
    cached_tokens: int


@dataclass(frozen=True)
class Failed:
    error: EngineError


Event = Text | Done | Answered | Failed


@dataclass(eq=False)
class Job:
    """From submission to its last event, which is any but Text. `end`: when it has taken too long (monotonic)."""

    sequence: Tokens
    on_event: Callable[[Event], Any]
    wake: Callable[[], Any]
    end: float
    cancelled: bool = field(default=False, kw_only=True)

    def cancel(self) -> None:
        """Stop at the next token. Harmless when the job has ended."""
        self.cancelled = True
        self.wake()

    def done(self, reason: str) -> Done:
        sequence = self.sequence
        return Done(reason, len(sequence.prompt), sequence.cached, sequence.written)

    def close(self) -> None:
        """It has ended."""


@dataclass(eq=False)
class Writing(Job):
    sampler: TokenSampler
    stream: TextStream
    top_logprobs: int | None = None
    logprobs: tuple[tuple[str, float], ...] = ()

    def done(self, reason: str) -> Done:
        return replace(super().done(reason), logprobs=self.logprobs)

    def close(self) -> None:
        self.sampler.close()


@dataclass(eq=False)
class Question(Job):
    """`words`: of each its spellings as tokens."""

    words: Sequence[Sequence[int]]
