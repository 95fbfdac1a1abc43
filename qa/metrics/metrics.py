"""The figures of drafts, computed from rows. Pure: nothing here reads the database or the clock.

Formulas are those of PRODUCT.md §11. A draft counts on the day it was first shown, whenever it was reviewed, so that
a share has the same drafts above and below its line.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import TypeVar

from qa.metrics.reads import Answered, Ended, Review, Shown, State, distance_class
from qa.metrics.selection import Period

OUTCOMES = (Review.ACCEPTED, Review.EDITED, Review.REJECTED, Review.IGNORED, Review.PENDING)
SMALL = 100  # a share of fewer drafts is shown with its interval
Z95 = 1.959963984540054  # two-sided 95% quantile of the normal distribution
K = TypeVar("K", bound=Hashable)
Row = TypeVar("Row", Shown, Answered)


def wilson(part: int, whole: int, z: float = Z95) -> tuple[float, float]:
    """95% interval of a share: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n), p = part/whole, n = whole.

    Unit: shares from 0 to 1. Source: E. B. Wilson, "Probable inference, the law of succession, and
    statistical inference", JASA 22 (1927) 209–212. Without observations it is (0, 1).
    """
    if whole == 0:
        return 0.0, 1.0
    p, n = part / whole, whole
    middle = p + z * z / (2 * n)
    spread = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


@dataclass(frozen=True)
class Share:
    """`part` of `whole`; `rate` is None where there is nothing to divide by."""

    part: int
    whole: int

    @property
    def rate(self) -> float | None:
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.part, self.whole)

    @property
    def uncertain(self) -> bool:
        return 0 < self.whole < SMALL


@dataclass(frozen=True)
class Median:
    """A median, and of how many values. Without values `value` is None."""

    value: float | None
    of: int


def median_of(values: Iterable[float | None]) -> Median:
    """The middle value, or the mean of the middle two. Missing values do not count."""
    known = [value for value in values if value is not None]
    return Median(median(known) if known else None, len(known))


def outcomes(rows: Sequence[Shown]) -> dict[str, int]:
    """Drafts per outcome. The five add up to the drafts shown. Unit: drafts. Source: PRODUCT §8, last line."""
    counted = Counter(row.review for row in rows)
    return {str(outcome): counted[outcome] for outcome in OUTCOMES}


def acceptance(rows: Sequence[Shown]) -> Share:
    """Draft acceptance = (accepted + edited) / shown. Unit: share of shown drafts. Source: PRODUCT §11."""
    return Share(sum(1 for row in rows if row.review in (Review.ACCEPTED, Review.EDITED)), len(rows))


def unedited(rows: Sequence[Shown]) -> Share:
    """Unedited rate = accepted without a change / shown. Unit: share of shown drafts. Source: PRODUCT §11."""
    return Share(sum(1 for row in rows if row.review == Review.ACCEPTED), len(rows))


def edit_burden(rows: Sequence[Shown]) -> Median:
    """Median normalised edit distance of edited drafts. Source: PRODUCT §11.

    Unit: 0 (same) to 1 (nothing in common). Levenshtein distance / length of the longer text, draft or reply.
    """
    return median_of(row.distance for row in rows if row.review == Review.EDITED)


def distance_classes(rows: Sequence[Shown]) -> list[int]:
    """Edited drafts per class of normalised edit distance (0–0.1, 0.1–0.2, …, 0.9–1). Unit: drafts."""
    counts = [0] * 10
    for row in rows:
        if row.review == Review.EDITED and row.distance is not None:
            counts[distance_class(row.distance)] += 1
    return counts


def reasons(rows: Sequence[Shown]) -> dict[str, int]:
    """Rejected drafts per reason, most frequent first. Unit: drafts. Source: PRODUCT §8, last line."""
    return dict(Counter(row.reason for row in rows if row.review == Review.REJECTED).most_common())


def review_seconds(rows: Sequence[Shown], outcome: str) -> Median:
    """Median of (sent − shown) of the drafts with this outcome. Unit: seconds. Source: PRODUCT §11.

    Shown: a browser first displayed the draft. Sent: the agent pressed Send; the undo window comes after that.
    """
    return median_of(row.seconds for row in rows if row.review == outcome)


def first_response(rows: Sequence[Answered]) -> Median:
    """Median of (first reply − ticket created). Unit: seconds. Source: PRODUCT §11.

    Counts tickets whose first reply falls into the period. Tickets that still wait are not in it.
    """
    return median_of(row.seconds for row in rows)


@dataclass(frozen=True)
class Endings:
    """How drafts ended, counted on the day their writing ended. Unit: drafts. `unopened`: ready, but never shown."""

    ready: int = 0
    no_source: int = 0
    failed: int = 0
    stopped: int = 0
    unopened: int = 0
    by_rule: int = 0

    @property
    def gap_rate(self) -> Share:
        """KB gap rate = no source / (ready + no source). Unit: share of drafts. Source: PRODUCT §11.

        Failed and stopped drafts, and those that the rules do not allow, are left out: they say nothing about the
        knowledge base.
        """
        return Share(self.no_source, self.ready + self.no_source)


def endings(rows: Iterable[Ended], period: Period) -> Endings:
    """The totals of one period."""
    counted: Counter[str] = Counter()
    for row in rows:
        if period.first <= row.day <= period.last:
            counted[row.state] += row.drafts
            counted["unopened"] += row.drafts if row.state == State.READY and not row.opened else 0
    return Endings(
        counted[State.READY],
        counted[State.NO_SOURCE],
        counted[State.FAILED],
        counted[State.STOPPED],
        counted["unopened"],
        counted[State.BY_RULE],
    )


def split(rows: Iterable[Row], at: Callable[[Row], datetime], periods: Sequence[Period]) -> list[list[Row]]:
    """The rows of each period. Periods are in order of time; rows outside all of them are dropped."""
    bounds = [(period.start, period.end) for period in periods]
    parts: list[list[Row]] = [[] for _ in bounds]
    place = 0
    for row in sorted(rows, key=at):
        while place < len(bounds) and at(row) >= bounds[place][1]:
            place += 1
        if place == len(bounds):
            break
        if at(row) >= bounds[place][0]:
            parts[place].append(row)
    return parts


def grouped(rows: Iterable[Shown], key: Callable[[Shown], K]) -> dict[K, list[Shown]]:
    found: dict[K, list[Shown]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return dict(found)
