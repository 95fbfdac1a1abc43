"""The steps that use the knowledge base: search, reliable hits, units that may answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from copilot.evidence import gathering
from copilot.evidence.gathering import Evidence, EvidenceUnit
from copilot.evidence.sent_before import Sent
from copilot.evidence.units import Kind
from knowledge.search import query_language, stored_passages
from knowledge.search.passages import Passage
from knowledge.search.questions import Translation
from knowledge.search.retrieval import Degradation, SearchResult
from knowledge.search.version import SearchVersion

FIGURES = ("mode", "cause", "took_ms", "best_score", "min_score")
QUESTIONS = ("asked", "unanswered")
# Position of its passage in the search result, chunk, heading path, text, kind, start, end, scores.
UnitRow = tuple[int, int | None, str, str, str, int, int, tuple[float, ...]]


@dataclass(frozen=True)
class SearchInput:
    query: str
    history: tuple[str, ...]
    language: str
    category: str
    search_version: SearchVersion
    translation: Translation | None = None


@dataclass(frozen=True)
class Found:
    """The search result without rejected candidates, which only the sandbox shows."""

    result: SearchResult
    reason: str

    @property
    def degraded(self) -> str:
        return str(self.result.degradation or "")


@dataclass(frozen=True)
class HitsInput:
    """The search result, as far as the next steps depend on it: the texts follow from `keys`."""

    query: str
    language: str
    multilingual: bool
    keys: tuple[tuple[Any, ...], ...]
    translation: Translation | None
    result: SearchResult = field(repr=False, compare=False)


@dataclass(frozen=True)
class EvidenceInput(HitsInput):
    """`sent`: earlier replies on the ticket, whose words are left out."""

    sent: tuple[Sent, ...] = ()

    @classmethod
    def of(cls, hits: HitsInput, sent: tuple[Sent, ...]) -> "EvidenceInput":
        return cls(**{each.name: getattr(hits, each.name) for each in fields(hits)}, sent=sent)


@dataclass(frozen=True)
class Reliable:
    """Positions in the search result of the hits that count although the embedder may not know the language."""

    places: tuple[int, ...]
    reason: str


@dataclass(frozen=True)
class Chosen:
    """The evidence, with positions in the search result instead of passages.

    `units`: one for each citation number. `sent`: units that were left out, each with the time of the reply.
    """

    questions: tuple[str, ...]
    units: tuple[UnitRow, ...]
    internal: tuple[int, ...]
    reason: str
    degraded: str = ""
    sent: tuple[tuple[UnitRow, str], ...] = ()


def search(given: SearchInput) -> Found:
    found = gathering.search_for(given.query, given.language, given.category, given.history, given.translation)
    result = replace(found, candidates=(), configuration=None)
    return Found(result, _why(result))


def _why(result: SearchResult) -> str:
    if result.passages:
        return f"{len(result.passages)} passages"
    if result.best_score is None:
        return "nothing in the knowledge base is near"
    return f"the closest scored {result.best_score:.2f}, {result.min_score:.2f} is needed"


def to_json(found: Found) -> dict[str, Any]:
    """Figures and ids. The texts are read from the articles again."""
    result = found.result
    return {name: getattr(result, name) for name in (*FIGURES, *QUESTIONS)} | {
        "passages": [stored_passages.to_row(each) for each in result.passages],
        "degradation": found.degraded,
        "reason": found.reason,
    }


def from_json(row: dict[str, Any]) -> Found | None:
    """None if a hit is no longer published as it was found: then the search must run again."""
    passages = stored_passages.from_rows(row["passages"])
    if passages is None:
        return None
    degradation = Degradation(row["degradation"]) if row["degradation"] else None
    figures = {name: row[name] for name in FIGURES} | {name: tuple(row[name]) for name in QUESTIONS}
    return Found(SearchResult(passages=passages, degradation=degradation, **figures), row["reason"])


def passage_keys(passages: Sequence[Passage]) -> tuple[tuple[Any, ...], ...]:
    return tuple((each.chunk_id, each.revision_id, each.audience, each.score, each.logit) for each in passages)


def choose_reliable(given: HitsInput) -> Reliable:
    passages = given.result.passages
    places = _reliable(given)
    known = "" if query_language.unknown(given.language) else ", the embedder knows the language"
    return Reliable(places, f"{len(places)} of {len(passages)}{known}")


def _reliable(given: HitsInput) -> tuple[int, ...]:
    passages = given.result.passages
    reliable = query_language.reliable(given.query, passages, given.language, given.translation)
    return tuple(place for place, each in enumerate(passages) if each in reliable)


def choose(given: EvidenceInput) -> Chosen:
    evidence = gathering.gather(given.query, _searched(given), given.translation, given.sent)
    places = {id(each): place for place, each in enumerate(given.result.passages)}
    units = tuple(_row(each, places) for each in evidence.units)
    sent = tuple((_row(each, places), each.sent_at) for each in evidence.sent)
    internal = tuple(places[id(each)] for each in evidence.internal)
    why = f"{len(units)} units, {len(internal)} articles for agents only"
    why += f", {len(sent)} units sent before" if sent else ""
    return Chosen(evidence.questions, units, internal, why, evidence.degraded, sent)


def _row(unit: EvidenceUnit, places: Mapping[int, int]) -> UnitRow:
    place = places[id(unit.passage)]
    return place, unit.chunk_id, unit.heading_path, unit.text, unit.kind.value, unit.start, unit.end, unit.scores


def _searched(given: HitsInput) -> SearchResult:
    """Beside what a translation finds, nothing counts that only an embedder found which cannot read the question."""
    found = given.result
    if given.translation is None:
        return found
    return replace(found, passages=tuple(found.passages[place] for place in _reliable(given)))


def evidence_of(chosen: Chosen, result: SearchResult) -> Evidence:
    there = result.passages
    units = tuple(_unit(row, there) for row in chosen.units)
    sent = tuple(_unit(row, there, at) for row, at in chosen.sent)
    internal = tuple(there[place] for place in chosen.internal)
    return Evidence(chosen.questions, units, result, internal, chosen.degraded, sent)


def _unit(row: UnitRow, passages: Sequence[Passage], sent_at: str = "") -> EvidenceUnit:
    place, chunk, heading, text, kind, start, end, scores = row
    return EvidenceUnit(passages[place], chunk, heading, text, Kind(kind), start, end, scores, sent_at)
