"""Measures the contradiction finder on labeled pairs of passages: precision, recall and F1 per kind.

The rules were written by looking at errors among pairs with an even id only. Pairs with an odd id are reported
separately as the unseen half.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from knowledge.claims.sentences import Passage
from knowledge.evaluation.retrieval import BadFile, read_jsonl
from knowledge.hygiene.contradictions import contradictions
from knowledge.index.similarity import Embed, Likeness

KINDS = ("number", "date", "duration", "price", "yes_no")


@dataclass(frozen=True)
class Pair:
    id: str
    first: Passage
    second: Passage
    contradiction: bool
    kind: str

    @property
    def even(self) -> bool:
        return int(re.sub(r"\D", "", self.id) or 0) % 2 == 0


@dataclass(frozen=True)
class Figures:
    """Counts of pairs. A share is None if its divisor is 0."""

    pairs: int
    found: int
    false_alarms: int
    missed: int

    @property
    def precision(self) -> float | None:
        return self.found / (self.found + self.false_alarms) if self.found + self.false_alarms else None

    @property
    def recall(self) -> float | None:
        return self.found / (self.found + self.missed) if self.found + self.missed else None

    @property
    def f1(self) -> float | None:
        total = 2 * self.found + self.false_alarms + self.missed
        return 2 * self.found / total if total else None

    def as_dict(self) -> dict[str, Any]:
        shares = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        return asdict(self) | {name: None if value is None else round(value, 4) for name, value in shares.items()}


def read_pairs(path: Path) -> list[Pair]:
    """Raises BadFile."""
    return [_pair(path, number, row) for number, row in read_jsonl(path)]


def _pair(path: Path, number: int, row: Mapping[str, Any]) -> Pair:
    try:
        first, second = (Passage(*(str(row[side][name]) for name in ("title", "heading", "text"))) for side in "ab")
        return Pair(str(row["id"]), first, second, bool(row["contradiction"]), str(row["kind"]))
    except (KeyError, TypeError) as error:
        raise BadFile(f"{path}:{number}: {type(error).__name__}: {error}") from error


def evaluate(pairs: Sequence[Pair], embed: Embed) -> dict[str, Any]:
    """Figures of all pairs, of both halves, and per kind. A false alarm counts for the kind that was found."""
    likeness = Likeness(embed)
    found_kinds = {pair.id: [each.kind for each in contradictions(pair.first, pair.second, likeness)] for pair in pairs}

    def figures(chosen: Iterable[Pair]) -> dict[str, Any]:
        return _figures(list(chosen), found_kinds).as_dict()

    report: dict[str, Any] = {
        "all": figures(pairs),
        "even": figures(pair for pair in pairs if pair.even),
        "odd": figures(pair for pair in pairs if not pair.even),
    }
    for name in KINDS:
        chosen = [
            pair for pair in pairs if pair.kind == name or (not pair.contradiction and name in found_kinds[pair.id][:1])
        ]
        report[name] = figures(chosen)
    return report


def _figures(pairs: Sequence[Pair], found_kinds: Mapping[str, Sequence[str]]) -> Figures:
    hits = [(pair.contradiction, bool(found_kinds[pair.id])) for pair in pairs]
    return Figures(
        pairs=len(hits),
        found=sum(true and said for true, said in hits),
        false_alarms=sum(said and not true for true, said in hits),
        missed=sum(true and not said for true, said in hits),
    )
