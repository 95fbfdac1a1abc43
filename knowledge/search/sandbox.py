"""Two searches for the same question, side by side: what each did with every passage it looked at. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.search.passages import Passage
from knowledge.search.retrieval import SearchResult


@dataclass(frozen=True)
class Place:
    """What one search made of a passage. `number`: its place among those shown; None where it was cut."""

    number: int | None
    fused_rank: int | None
    rerank_rank: int | None
    logit: float | None
    score: float
    cut: str


@dataclass(frozen=True)
class Row:
    """One passage; a search that never met it has no place for it."""

    passage: Passage
    now: Place | None
    then: Place | None

    @property
    def moved(self) -> str:
        """How `now` differs from `then` in what is shown: in, out, up, down or nothing."""
        now, then = (each.number if each else None for each in (self.now, self.then))
        if now == then:
            return ""
        if now is None or then is None:
            return "out" if now is None else "in"
        return "up" if now < then else "down"


def side_by_side(now: SearchResult, then: SearchResult) -> list[Row]:
    """Every candidate of both: those of `now` in its order, then those that only `then` met."""
    here, there = places(now.candidates), places(then.candidates)
    every = {each.chunk_id: each for each in (*then.candidates, *now.candidates)}
    order = dict.fromkeys([*here, *there])
    return [Row(every[id_], here.get(id_), there.get(id_)) for id_ in order]


def places(candidates: Sequence[Passage]) -> dict[int, Place]:
    found: dict[int, Place] = {}
    shown = 0
    for each in candidates:
        shown += not each.cut
        number = None if each.cut else shown
        found[each.chunk_id] = Place(number, each.fused_rank, each.rerank_rank, each.logit, each.score, each.cut)
    return found
