"""Figures in words: percentages, durations, names."""

from collections.abc import Iterable
from dataclasses import dataclass

from qa.metrics.metrics import Share

NOTHING = "–"


@dataclass(frozen=True)
class Unit:
    """What the durations of one column are told in, so that they can be compared at a glance."""

    name: str
    seconds: int
    digits: int
    up_to: float  # seconds: the longest duration of a column that is still well told in this unit

    def __call__(self, seconds: float | None) -> str:
        return NOTHING if seconds is None else f"{seconds / self.seconds:.{self.digits}f} {self.name}"


SECONDS = Unit("s", 1, 0, 600)
UNITS = (
    SECONDS,
    Unit("min", 60, 1, 3 * 3600),
    Unit("h", 3600, 1, 3 * 86400),
    Unit("d", 86400, 1, float("inf")),
)


def unit_for(durations: Iterable[float | None]) -> Unit:
    """The unit of a column: the longest of its durations decides."""
    longest = max((each for each in durations if each is not None), default=0.0)
    return next(unit for unit in UNITS if longest < unit.up_to)


def percent(rate: float | None) -> str:
    return NOTHING if rate is None else f"{rate * 100:.0f}%"


def interval(share: Share) -> str:
    """The Wilson interval in words where few drafts make the share uncertain; else nothing."""
    if not share.uncertain:
        return ""
    low, high = share.interval
    return f"95% sure: {low * 100:.0f}–{high * 100:.0f}%"


def distance(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.2f}"


def category_name(category: str) -> str:
    return category.replace("_", " ").capitalize() if category else "No category"
