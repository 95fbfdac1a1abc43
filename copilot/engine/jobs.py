"""A job: one request for text in the decode thread, and its events."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from copilot.engine.batching import MemoryOp, Work
from copilot.engine.batching import Sequence as Writing
from copilot.engine.errors import EngineError
from copilot.engine.requests import Sampling
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
class Failed:
    error: EngineError


Event = Text | Done | Failed


@dataclass(eq=False)
class Job:
    """One request for text, from submission to its last event (Done or Failed)."""

    sequence: Writing
    sampler: TokenSampler
    stream: TextStream
    on_event: Callable[[Event], Any]
    wake: Callable[[], Any]
    cancelled: bool = False
    top_logprobs: int | None = None
    logprobs: tuple[tuple[str, float], ...] = ()

    def cancel(self) -> None:
        """Stop at the next token. Harmless when the job has ended."""
        self.cancelled = True
        self.wake()

    def done(self, reason: str) -> Done:
        sequence = self.sequence
        return Done(reason, len(sequence.prompt), sequence.cached, sequence.written, self.logprobs)
