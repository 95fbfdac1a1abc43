"""What each sentence of a reply rests on: sources word for word, the model, or a person. Pure.

It is computed from the texts, not tracked: so it survives edits, undo and reload.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from copilot.evidence.sentences import sentences
from knowledge.search.questions import essence

ALIKE = 0.6  # share of common words from which a sentence is a changed one; as in static/js/composer/written.js
SHORT = 3  # words: a shorter sentence is never a changed one
MOST = 400  # sentences of one reply
_WORD = re.compile(r"[^\W_]+")


class Origin(StrEnum):
    EVIDENCE = "evidence"
    MODEL = "model"
    PERSON = "person"


@dataclass(frozen=True)
class Source:
    """A unit of an article. `article` is None if it was erased."""

    article: int | None
    title: str
    heading: str = ""


@dataclass(frozen=True)
class Known:
    """A sentence that a reply may have: of a source, or written by the model from sources."""

    text: str
    origin: Origin
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Sentence:
    """`changed`: a person has changed a sentence that rests on `sources`."""

    start: int
    end: int
    origin: Origin
    changed: bool = False
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Counts:
    evidence: int = 0
    articles: int = 0
    model: int = 0
    person: int = 0


def origins(text: str, known: Sequence[Known]) -> tuple[Sentence, ...]:
    """Of the body: greeting and sign-off rest on nothing."""
    same: dict[tuple[str, ...], Known] = {}
    for each in sorted(known, key=lambda each: each.origin is not Origin.EVIDENCE):
        same.setdefault(_words(each.text), each)
    bags = [(Counter(words), each) for words, each in same.items() if len(words) >= SHORT]
    return tuple(_sentence(text, start, end, same, bags) for start, end in _places(text)[:MOST])


def _places(text: str) -> list[tuple[int, int]]:
    body = essence(text)
    at = max(0, text.find(body))
    return [(at + start, at + end) for start, end in sentences(body) if _WORD.search(body, start, end)]


def _sentence(
    text: str,
    start: int,
    end: int,
    same: dict[tuple[str, ...], Known],
    bags: Sequence[tuple[Counter[str], Known]],
) -> Sentence:
    words = _words(text[start:end])
    if found := same.get(words):
        return Sentence(start, end, found.origin, False, found.sources)
    near = _nearest(Counter(words), bags) if len(words) >= SHORT else None
    return Sentence(start, end, Origin.PERSON, near is not None, near.sources if near else ())


def _nearest(words: Counter[str], bags: Sequence[tuple[Counter[str], Known]]) -> Known | None:
    best, most = None, ALIKE
    for bag, each in bags:
        alike = (words & bag).total() / max(words.total(), bag.total())
        if alike >= most:
            best, most = each, alike
    return best


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def counts(found: Sequence[Sentence]) -> Counts:
    by_origin = Counter(each.origin for each in found)
    articles = {
        source.article or source.title for each in found if each.origin is Origin.EVIDENCE for source in each.sources
    }
    return Counts(by_origin[Origin.EVIDENCE], len(articles), by_origin[Origin.MODEL], by_origin[Origin.PERSON])


def parts(text: str) -> Iterator[str]:
    """The sentences of a unit, without its citations."""
    for start, end in sentences(text):
        yield text[start:end]
