"""Runs of words that a reply has from a text that customers must not read. Pure.

Four words in a row are a shingle. Shingles that touch, or have up to two other words between them, are one run, so
that a changed word does not hide it. What customers may read anyway, and what everybody writes, is no secret; nor is
what stands in quotation marks: internal articles quote what to tell customers.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from copilot.presend.facts import Facts, Internal
from copilot.presend.findings import Code, Finding
from knowledge.index.lexical import FUNCTION_WORDS

SHINGLE = 4  # words
GAP = 2  # words between two shingles of one run
LEAST, LEAST_CONTENT = 8, 4  # words of a run, and those of them that say something
SHORT_CONTENT = 3  # of a text that is shorter than a run and was copied whole
_WIDE = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_WORD = re.compile(rf"[{_WIDE}]|[^\W_{_WIDE}]+")
_WIDE_WORD = re.compile(f"[{_WIDE}]")
_STOCK = """
please let know questions question anything else further help happy contact reply message mail email ticket support team
regards wishes sorry apologise apologize inconvenience understand patience waiting reaching out writing feel free back
soon today currently still again get touch hope helps day nice
bitte fragen frage weitere helfen gern gerne melden nachricht team support grüße freundlichen entschuldigung verständnis
danke vielen dank ihnen ihre ihren ihr sie sind haben können noch
gracias saludos ayuda pregunta mensaje merci cordialement aide question bonne journée
"""
STOCK = frozenset(_STOCK.split()) | FUNCTION_WORDS

_QUOTED = re.compile(
    r"\"[^\"\n]{20,1000}\"|“[^”\n]{20,1000}”|„[^“”\n]{20,1000}[“”]|«[^»\n]{20,1000}»|^>[^\n]*$", re.MULTILINE
)

Shingle = tuple[str, ...]


@dataclass(frozen=True)
class Run:
    start: int
    end: int


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int


def copied(text: str, facts: Facts) -> Iterator[Finding]:
    if not facts.internal:
        return
    words = list(_words(text))
    free = shingles_of(facts.open_texts)
    for source in facts.internal:
        for run in _runs(words, secrets_of([source.text]).difference(free).__contains__, _size(source)):
            code = Code.INTERNAL if source.title else Code.NOTE
            yield Finding(code, run.start, run.end, text[run.start : run.end], detail=source.title)


def runs(text: str, known: Callable[[Shingle], bool]) -> list[Run]:
    """The runs of a text whose shingles are `known`."""
    return _runs(list(_words(text)), known, LEAST)


def secrets_of(texts: Iterable[str]) -> set[Shingle]:
    """Of texts that customers must not read, without what is quoted in them."""
    return shingles_of(_QUOTED.sub(" ", text) for text in texts)


def shingles_of(texts: Iterable[str]) -> set[Shingle]:
    found: set[Shingle] = set()
    for text in texts:
        words = [word.text for word in _words(text)]
        found.update(tuple(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1))
    return found


def _size(source: Internal) -> int:
    """Words of a run: fewer, if the whole text has fewer."""
    return min(LEAST, sum(1 for _ in _words(source.text[:200])))


def _words(text: str) -> Iterator[_Word]:
    for found in _WORD.finditer(text):
        yield _Word(found[0].casefold(), *found.span())


def _runs(words: Sequence[_Word], known: Callable[[Shingle], bool], least: int) -> list[Run]:
    taken = [False] * len(words)
    texts = [word.text for word in words]
    for at in range(len(words) - SHINGLE + 1):
        if known(tuple(texts[at : at + SHINGLE])):
            taken[at : at + SHINGLE] = [True] * SHINGLE
    groups: list[list[int]] = []
    for place in (place for place, is_taken in enumerate(taken) if is_taken):
        if groups and place - groups[-1][-1] <= GAP + 1:
            groups[-1].append(place)
        else:
            groups.append([place])
    return [Run(words[g[0]].start, words[g[-1]].end) for g in groups if _says_much([texts[each] for each in g], least)]


def _says_much(words: Sequence[str], least: int) -> bool:
    """A character of Chinese or Japanese is half a word."""
    wide = sum(1 for word in words if _WIDE_WORD.match(word))
    content = len({word for word in words if word not in STOCK}) - wide // 2
    return len(words) - wide // 2 >= least and content >= (LEAST_CONTENT if least >= LEAST else SHORT_CONTENT)
