"""Are drafts that cite an article edited more and more? Knowledge knows no drafts: whoever does registers a reader."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

LEAST_DRAFTS = 3  # edited drafts in each of the two periods: fewer say nothing
RISE = 0.1  # of the median edit distance (0 to 1) that counts as rising


@dataclass(frozen=True)
class Editing:
    """Median edit distance of the edited drafts that cite an article, 0 (same) to 1."""

    before: float
    now: float
    drafts_before: int
    drafts_now: int

    @property
    def rising(self) -> bool:
        return min(self.drafts_before, self.drafts_now) >= LEAST_DRAFTS and self.now - self.before >= RISE


Reader = Callable[[datetime], dict[int, Editing]]
_readers: list[Reader] = []


def register(reader: Reader) -> None:
    if reader not in _readers:
        _readers.append(reader)


def editing(now: datetime) -> dict[int, Editing]:
    """By article id: the four weeks up to now beside the four before."""
    return _readers[-1](now) if _readers else {}
