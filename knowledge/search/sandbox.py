"""Compares two searches for the same question, passage by passage. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.search.passages import Passage
from knowledge.search.retrieval import SearchResult


@dataclass(frozen=True)
class Place:
    """What one search did with a passage. `number`: its place among those shown; None if it was left out."""

    number: int | None
    fused_rank: int | None
    rerank_rank: int | None
    logit: float | None
    score: float
    left_out: str


@dataclass(frozen=True)
class Row:
    """One passage. A search that did not find it has None."""

    passage: Passage
    now: Place | None
    then: Place | None

    @property
    def moved(self) -> str:
        """in, out, up or down: how its place in `now` differs from `then`. Empty if it does not."""
        now, then = (each.number if each else None for each in (self.now, self.then))
        if now == then:
            return ""
        if now is None or then is None:
            return "out" if now is None else "in"
        return "up" if now < then else "down"


def side_by_side(now: SearchResult, then: SearchResult) -> list[Row]:
    """All candidates of both: those of `now` in its order, then those that only `then` found."""
    here, there = places(now.candidates), places(then.candidates)
    every = {each.chunk_id: each for each in (*then.candidates, *now.candidates)}
    order = dict.fromkeys([*here, *there])
    return [Row(every[id_], here.get(id_), there.get(id_)) for id_ in order]


def places(candidates: Sequence[Passage]) -> dict[int, Place]:
    found: dict[int, Place] = {}
    shown = 0
    for each in candidates:
        shown += not each.left_out
        number = None if each.left_out else shown
        found[each.chunk_id] = Place(number, each.fused_rank, each.rerank_rank, each.logit, each.score, each.left_out)
    return found
