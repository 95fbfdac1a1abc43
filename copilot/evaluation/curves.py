"""What other thresholds would do: how much of the right each keeps, and how much of the wrong it lets through. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

STEPS = 50


@dataclass(frozen=True)
class Scored:
    """`score`: compared with the threshold; None: whatever the threshold, it does not pass."""

    score: float | None
    right: bool

    def passes(self, threshold: float) -> bool:
        return self.score is not None and self.score >= threshold


@dataclass(frozen=True)
class Point:
    """`kept`: the share of the right that passes; `wrong`: the share of the wrong that passes."""

    threshold: float
    kept: float
    wrong: float


def curve(scored: Sequence[Scored]) -> list[Point]:
    """From threshold 0, which lets nearly everything through, to 1. Empty unless there are right and wrong ones."""
    thresholds = [step / STEPS for step in range(STEPS + 1)]
    points = [at(scored, each) for each in thresholds]
    return [point for point in points if point is not None]


def at(scored: Sequence[Scored], threshold: float) -> Point | None:
    right, wrong = ([each for each in scored if each.right is is_right] for is_right in (True, False))
    if not right or not wrong:
        return None
    return Point(threshold, _share(right, threshold), _share(wrong, threshold))


def area(scores: Iterable[tuple[float, bool]]) -> float | None:
    """How often a right one has the higher score than a wrong one, 0 to 1; equal scores count half."""
    given = list(scores)
    good, bad = [score for score, right in given if right], [score for score, right in given if not right]
    if not good or not bad:
        return None
    above = sum((one > other) + 0.5 * (one == other) for one in good for other in bad)
    return round(above / (len(good) * len(bad)), 4)


def _share(scored: Sequence[Scored], threshold: float) -> float:
    return round(sum(each.passes(threshold) for each in scored) / len(scored), 4)
