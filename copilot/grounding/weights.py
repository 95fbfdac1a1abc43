"""How sure a verdict is: the weights fitted for each writer (`weights.toml`). Pure but for reading the file."""

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
CLOSEST, FURTHEST = 3.0, 8.0  # beyond these a greater distance says no more
SURE = 1e-3  # a probability nearer to 0 or 1 says no more


@dataclass(frozen=True)
class Weights:
    """For sentences in the language of their source, or in another: then words cannot be compared.

    `supported`, `weak`: from which probability on a sentence is that.
    """

    constant: float
    stated: float
    weaker: float
    supported: float
    weak: float
    distance: float = 0.0
    near: float = 0.0
    condition: float = 0.0

    def combined(self, stated: float, states: float, distance: float, condition: float) -> float:
        """The probability, 0 to 1, that the source says what the sentence says.

        `stated`, `states`: as in verdicts.BothWays; `distance`: from alignment.py; `condition`: from conditions.py.
        """
        found = parts(stated, states, distance, condition)
        total = self.constant + sum(getattr(self, name) * value for name, value in found.items())
        return 1 / (1 + math.exp(-total))


@dataclass(frozen=True)
class OfWriter:
    """The weights of one writer."""

    same: Weights
    other: Weights


def parts(stated: float, states: float, distance: float, condition: float) -> dict[str, float]:
    """The values that are weighted, by the names of their weights. Arguments: as of `Weights.combined`."""
    return {
        "stated": _log_odds(stated),
        "weaker": _log_odds(min(stated, states)),
        "distance": min(FURTHEST, distance),
        "near": min(CLOSEST, distance),
        "condition": condition,
    }


def _log_odds(probability: float) -> float:
    capped = min(1 - SURE, max(SURE, probability))
    return math.log(capped / (1 - capped))


@cache
def of_writers() -> dict[str, OfWriter]:
    """By the writer's name in the catalogue."""
    found = tomllib.loads((HERE / "weights.toml").read_text(encoding="utf-8"))
    return {name: OfWriter(**{which: Weights(**entry[which]) for which in entry}) for name, entry in found.items()}


def of_writer(name: str) -> OfWriter | None:
    """None for a writer that nobody measured: then only what is word for word in its source counts."""
    return of_writers().get(name)
