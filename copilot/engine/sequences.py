"""What the scheduler works on: sequences of tokens, slots of the cache, and what one step does with them. Pure."""

from dataclasses import dataclass, field

from copilot.engine.guessing import Guesser

# As vLLM has it, a lower number is sooner. Above 0 nobody waits for the answer: such requests pause for the others.
INTERACTIVE, BACKGROUND, LAST = 0, 1, 1000


@dataclass(eq=False)
class Sequence:
    """A prompt being read and an answer being written. Where `max_tokens` is 0 it is a question: only read.

    `tokens` is the prompt and what was written so far; `done` of them are in the cache.
    """

    prompt: list[int]
    max_tokens: int
    priority: int = INTERACTIVE
    guesser: Guesser | None = None
    tokens: list[int] = field(default_factory=list)
    done: int = 0
    cached: int = 0
    slot: "Slot | None" = None
    arrival: int = 0  # the order in which they came

    def __post_init__(self) -> None:
        self.tokens = list(self.prompt)

    @property
    def background(self) -> bool:
        return self.priority > INTERACTIVE

    @property
    def question(self) -> bool:
        return self.max_tokens == 0

    @property
    def turn(self) -> tuple[int, int]:
        """Who comes first."""
        return self.priority, self.arrival

    @property
    def pending(self) -> int:
        return len(self.tokens) - self.done

    @property
    def written(self) -> int:
        return len(self.tokens) - len(self.prompt)

    @property
    def reserve(self) -> int:
        """Cells that it may need if it shares none, so that an admitted sequence can always finish."""
        return len(self.prompt) + self.max_tokens


@dataclass(eq=False)
class Slot:
    number: int
    tokens: list[int] = field(default_factory=list)
    used: int = 0


@dataclass(frozen=True)
class Copy:
    """Let `target` share the first `length` tokens of `source`."""

    source: int
    target: int
    length: int


@dataclass(frozen=True)
class Truncate:
    """Forget all but the first `length` tokens of a slot."""

    target: int
    length: int


MemoryOp = Copy | Truncate


@dataclass(frozen=True)
class Work:
    """Decode the next `count` tokens of a sequence, and after its last one the `guess` of what follows."""

    sequence: Sequence
    count: int
    guess: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        return self.count + len(self.guess)

    @property
    def samples(self) -> bool:
        """Whether this reaches the last token, after which the next one can be chosen."""
        return self.count == self.sequence.pending

    @property
    def tokens(self) -> list[int]:
        start = self.sequence.done
        return [*self.sequence.tokens[start : start + self.count], *self.guess]


def shared(one: list[int], other: list[int]) -> int:
    """Length of the common beginning."""
    limit = min(len(one), len(other))
    if one[:limit] == other[:limit]:
        return limit
    return next(at for at in range(limit) if one[at] != other[at])
