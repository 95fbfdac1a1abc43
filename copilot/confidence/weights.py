"""How probable it is that a draft can be sent as it is: the weights of each writer (`weights.toml`) over its parts.

Pure but for reading files.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from copilot import prompts
from copilot.confidence.parts import PARTS, Values

FILE = Path(__file__).parent / "weights.toml"
BINS = 5  # of equal width, in which what was said is compared with what was right
SURE = 1e-4  # a probability nearer to 0 or 1 says no more


@dataclass(frozen=True)
class Effect:
    """What a part does to the log odds of a draft, compared with one whose part is as usual."""

    part: str
    value: float
    effect: float


@dataclass(frozen=True)
class Confidence:
    """`probability`, 0 to 1, and where it comes from."""

    probability: float
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Bin:
    """Drafts with about the same confidence: how many, what was said of them on average, which share was right."""

    count: int
    said: float
    right: float


@dataclass(frozen=True)
class Measured:
    """What the weights are worth: on our cases, each judged by weights that were fitted without it."""

    cases: int
    right: float
    area: float
    brier: float
    error: float
    bins: tuple[Bin, ...]

    @property
    def highest(self) -> float:
        """The share that was right where most was said: together with the bins below, as long as more of those was.

        More than this was never seen, so more is never said.
        """
        count, right = 0, 0.0
        for each in reversed(self.bins):
            if count and each.right * count <= right:
                break
            count, right = count + each.count, right + each.count * each.right
        return right / count if count else 1.0


@dataclass(frozen=True)
class Weights:
    """Of one writer. `prompt`: the version of the one that it pointed with; with another one nothing is measured."""

    prompt: str
    constant: float
    usual: Mapping[str, float]
    weight: Mapping[str, float]
    measured: Measured

    def confidence(self, values: Values) -> Confidence:
        effects = tuple(
            Effect(part, values[part], self.weight[part] * (scaled(part, values[part]) - self.usual[part]))
            for part in PARTS
        )
        total = self.constant + sum(each.effect for each in effects)
        return Confidence(min(1 / (1 + math.exp(-total)), self.measured.highest), effects)


def scaled(part: str, value: float) -> float:
    """The number that has a weight: the logarithm of the places, the log odds of a probability, a share as it is."""
    if part == "places":
        return math.log(value)
    if part == "answers":
        capped = min(1 - SURE, max(SURE, value))
        return math.log(capped / (1 - capped))
    return value


@cache
def of_writers() -> dict[str, Weights]:
    """By the writer's name in the catalogue."""
    return read(FILE.read_text(encoding="utf-8"))


def read(text: str) -> dict[str, Weights]:
    return {name: _weights(entry) for name, entry in tomllib.loads(text).items()}


def of_writer(name: str) -> Weights | None:
    """None for a writer that nobody measured, or not with the prompt as it is now."""
    found = of_writers().get(name)
    return found if found is not None and prompts.load(found.prompt.partition("@")[0]).version == found.prompt else None


def _weights(entry: Mapping[str, object]) -> Weights:
    measured = dict(entry["measured"])  # type: ignore[call-overload]
    bins = tuple(Bin(*each) for each in measured.pop("bins"))
    return Weights(
        entry["prompt"],  # type: ignore[arg-type]
        entry["constant"],  # type: ignore[arg-type]
        entry["usual"],  # type: ignore[arg-type]
        entry["weight"],  # type: ignore[arg-type]
        Measured(**measured, bins=bins),
    )
