"""Guesses the next tokens from where the last ones stood before, and how many of them are worth decoding. Pure.

Drafts, translations and rewritten texts quote their prompt. What followed the same words there is decoded along with
the last token, and what the model then chooses itself is compared: a guess saves steps and never changes a choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

LENGTHS = (3, 2)  # tokens that must have stood before, the longer the better
MOST = 15  # guessed tokens; with the last token sixteen, which a CPU computes four at a time
SIZES = (3, 7, 11, MOST)
SURE = 0.5  # that a guess is right, before anything is known
LEARNING = 0.2


class Guesser:
    """Of one sequence. `right`: the share of its guesses that were right, the latest counting most."""

    def __init__(self) -> None:
        self.right = SURE
        self.offered: tuple[int, ...] = ()
        self._after: dict[tuple[int, ...], int] = {}
        self._known = 0

    def guess(self, tokens: Sequence[int]) -> tuple[int, ...]:
        """What followed the last time the same tokens stood there; nothing if they never did."""
        self._read(tokens)
        found = (self._after.get(tuple(tokens[-length:])) for length in LENGTHS)
        at = next((at for at in found if at is not None), len(tokens))
        self.offered = tuple(tokens[at : at + MOST])
        return self.offered

    def _read(self, tokens: Sequence[int]) -> None:
        """Remember what every run of tokens was followed by, up to the last token, which nothing follows yet."""
        for end in range(self._known + 1, len(tokens)):
            for length in LENGTHS:
                if length <= end:
                    self._after[tuple(tokens[end - length : end])] = end
        self._known = max(self._known, len(tokens) - 1)

    def learn(self, chosen: Sequence[int]) -> None:
        """`chosen` by the model. A guess that was not decoded is compared too: that costs nothing."""
        for guessed, token in zip(self.offered, chosen, strict=False):
            self.right += LEARNING * ((guessed == token) - self.right)
            if guessed != token:
                break
        self.offered = ()


@dataclass
class Average:
    """Of tokens and seconds of steps, the latest counting most. Nothing is known before the first."""

    tokens: float = 0.0
    seconds: float = 0.0

    def add(self, tokens: int, seconds: float) -> None:
        share = 0.1 if self.tokens else 1.0
        self.tokens += share * (tokens - self.tokens)
        self.seconds += share * (seconds - self.seconds)


@dataclass
class Costs:
    """What a step costs: so much for the step, and so much for each token in it. Learned from steps of two sizes."""

    small: Average = field(default_factory=Average)
    large: Average = field(default_factory=Average)

    def step(self, tokens: int, seconds: float) -> None:
        if tokens <= 2:
            self.small.add(tokens, seconds)
        elif tokens > MOST:
            self.large.add(tokens, seconds)

    def seconds(self, tokens: int) -> float:
        """Of a step with so many tokens. Until both sizes were seen: one token more costs a tenth of a step."""
        if not (self.small.tokens and self.large.tokens):
            return 1 + (tokens - 1) / 10
        more = (self.large.seconds - self.small.seconds) / (self.large.tokens - self.small.tokens)
        return max(self.small.seconds + max(more, 0.0) * (tokens - self.small.tokens), 1e-6)

    def worth(self, right: float, planned: int) -> int:
        """How many tokens to guess in a step of `planned` others, so that most are written per second; 0: none."""
        rates = {size: (planned + expected(right, size)) / self.seconds(planned + size) for size in (0, *SIZES)}
        return max(rates, key=rates.__getitem__)


def expected(right: float, size: int) -> float:
    """How many of the guessed tokens will be right, up to the first that is not."""
    return sum(right**number for number in range(1, size + 1))
