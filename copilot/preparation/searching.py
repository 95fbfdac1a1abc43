"""The steps that look into the knowledge base: search, which hits count in the language, what the model may read."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from copilot.evidence import grounding
from knowledge.search import query_language, stored_passages
from knowledge.search.passages import Passage
from knowledge.search.retrieval import Degradation, SearchResult
from knowledge.search.version import SearchVersion

FIGURES = ("mode", "cause", "took_ms", "best_score", "min_score")
QUESTIONS = ("asked", "unanswered")


@dataclass(frozen=True)
class Asking:
    query: str
    history: tuple[str, ...]
    language: str
    category: str
    search_version: SearchVersion


@dataclass(frozen=True)
class Found:
    """Without the candidates that were left out: those are for the sandbox."""

    result: SearchResult
    reason: str

    @property
    def degraded(self) -> str:
        return str(self.result.degradation or "")


@dataclass(frozen=True)
class Judging:
    """What was found, by what a judgement of it depends on: the texts follow from the marks."""

    query: str
    language: str
    multilingual: bool
    marks: tuple[tuple[Any, ...], ...]
    result: SearchResult = field(repr=False, compare=False)


@dataclass(frozen=True)
class Believed:
    """Places among what was found of those hits that count in the language."""

    places: tuple[int, ...]
    reason: str


@dataclass(frozen=True)
class Excerpts:
    """(place among what was found, text) for each number that can be cited; `internal`: places, for agents only."""

    numbered: tuple[tuple[int, str], ...]
    internal: tuple[int, ...]
    reason: str


def search(asking: Asking) -> Found:
    found = grounding.search_for(asking.query, asking.language, asking.category, asking.history)
    result = replace(found, candidates=(), configuration=None)
    return Found(result, _why(result))


def _why(result: SearchResult) -> str:
    if result.passages:
        return f"{len(result.passages)} passages"
    if result.best_score is None:
        return "nothing in the knowledge base is near"
    return f"the closest scored {result.best_score:.2f}, {result.min_score:.2f} is needed"


def keep(found: Found) -> dict[str, Any]:
    """Figures and ids; the texts are read again."""
    result = found.result
    return {name: getattr(result, name) for name in (*FIGURES, *QUESTIONS)} | {
        "passages": [stored_passages.to_row(each) for each in result.passages],
        "degradation": found.degraded,
        "reason": found.reason,
    }


def back(row: dict[str, Any]) -> Found | None:
    """None if one of the hits is no longer published as it was found: then it must be searched again."""
    passages = stored_passages.from_rows(row["passages"])
    if passages is None:
        return None
    degradation = Degradation(row["degradation"]) if row["degradation"] else None
    figures = {name: row[name] for name in FIGURES} | {name: tuple(row[name]) for name in QUESTIONS}
    return Found(SearchResult(passages=passages, degradation=degradation, **figures), row["reason"])


def marks(passages: Sequence[Passage]) -> tuple[tuple[Any, ...], ...]:
    return tuple((each.chunk_id, each.revision_id, each.audience, each.score, each.logit) for each in passages)


def believe(judging: Judging) -> Believed:
    passages = judging.result.passages
    believed = query_language.reliable(judging.query, passages, judging.language)
    places = tuple(place for place, each in enumerate(passages) if each in believed)
    known = "" if query_language.unknown(judging.language) else ", the embedder knows the language"
    return Believed(places, f"{len(places)} of {len(passages)}{known}")


def excerpt(judging: Judging) -> Excerpts:
    found = grounding.grounds_of(judging.query, judging.result)
    places = {id(each): place for place, each in enumerate(judging.result.passages)}
    numbered = tuple((places[id(passage)], text) for passage, text in zip(found.passages, found.excerpts, strict=True))
    internal = tuple(places[id(each)] for each in found.internal)
    return Excerpts(numbered, internal, f"{len(numbered)} for customers, {len(internal)} for agents only")
