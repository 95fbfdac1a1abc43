"""Chooses the units that the model reads: those that seem to answer the customer's questions, in reading order.

Two votes are added, as in the search: the words that question and unit share, and the reranker's logit. The words come
first, because they cost nothing and the reranker takes 14 ms for each unit: it reads only the best of them.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TypeVar

from config.words.terms import words
from copilot.evidence import question_text
from copilot.evidence.imitation import may_answer
from copilot.evidence.lengths import size
from copilot.evidence.units import Unit, units
from knowledge.index.lexical import content_words, stem
from knowledge.search.rerank import MAX_TOKENS, Reranker, shortened

MOST = 9  # units: the model names one by a digit
FOR_EACH = 3  # units: the best of each question are among them
LENGTH = 450  # English words of all units together
# Units that the reranker reads, for one question and for each of several. Measured with 127 messages: nine units hold
# the whole answer to 105 of them. If it reads 24, to 103; if only the words decide, to 97; if it reads all units, alone
# and with their neighbours, and decides by itself, to 85, in six times the time.
READ, READ_FOR_EACH = 16, 12
# A smaller share of the questions' words in the articles means another language. The reranker would only guess there.
KNOWN = 0.2
NEAR = 160  # characters of each neighbour
IN_HEADING, IN_NEIGHBOUR = 0.5, 0.5  # what a word counts there, if it is not in the unit itself
WORDS_WEIGHT = 25  # logits that all words of a question weigh
UNIT_WORDS, QUESTION_WORDS = 1_000, 200  # different words that are compared
ASKED = 30  # words of a question that the reranker reads: more cost time, and leave less room for the unit

T = TypeVar("T")


@dataclass(frozen=True)
class Part:
    """A passage of an article. `asked`: the questions in its language, if they were asked in another one."""

    title: str
    heading_path: str
    text: str
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scored:
    """`part` is its place among the parts; the rest has one number for each question.

    `scores`: the reranker's logits; without a reranker, `shares`. `shares`: how much of the question's words, weighted
    by rarity, is in the unit, 0 to 1. Units are chosen by both (`fit`).
    """

    part: int
    unit: Unit
    scores: tuple[float, ...]
    shares: tuple[float, ...]

    @property
    def score(self) -> float:
        return max(self.scores)

    @property
    def fit(self) -> float:
        return max(self.fits)

    @property
    def fits(self) -> tuple[float, ...]:
        return tuple(score + WORDS_WEIGHT * share for score, share in zip(self.scores, self.shares, strict=True))


@dataclass(frozen=True)
class _Candidate:
    part: int
    unit: Unit
    heading: str
    before: str
    after: str

    @property
    def in_context(self) -> str:
        near = (self.before[-NEAR:], self.unit.text, self.after[:NEAR])
        return shortened(self.heading, "", " ".join(text for text in near if text))


def choose(
    questions: Sequence[str],
    parts: Sequence[Part],
    reranker: Reranker | None,
    most: int = MOST,
    taking: Callable[[Unit], Unit | None] = lambda unit: unit,
) -> tuple[Scored, ...]:
    """The best units in reading order: of the parts as they are given, of each from its beginning.

    `taking`: what of a unit may be chosen, None if nothing. Raises RerankerUnavailable. Without a reranker (None) the
    words decide.
    """
    # First the first unit of each part: where nothing else decides, every part has its turn.
    candidates = list(_in_turn([list(_candidates(number, part, taking)) for number, part in enumerate(parts)]))
    if not candidates or not questions:
        return ()
    scored: list[Scored] = []
    for asked in dict.fromkeys(part.asked or tuple(questions) for part in parts):
        theirs = [each for each in candidates if (parts[each.part].asked or tuple(questions)) == asked]
        scored += _scored(asked, theirs, reranker)
    chosen = [scored[place] for place in _taken(scored, _order(scored), most)]
    return tuple(sorted(chosen, key=lambda each: (each.part, each.unit.start)))


def _scored(questions: Sequence[str], candidates: Sequence[_Candidate], reranker: Reranker | None) -> list[Scored]:
    """Those that share most words with the questions."""
    asked = [set(map(stem, content_words(question, QUESTION_WORDS))) for question in questions]
    held = [_Held.by(candidate) for candidate in candidates]
    shares = _shares(asked, held)
    read = sorted(_in_turn(_rankings(shares))[: READ if len(questions) == 1 else READ_FOR_EACH])
    logits = _logits(questions, [candidates[place] for place in read], reranker if _are_known(asked, held) else None)
    return [
        Scored(candidates[place].part, candidates[place].unit, score or shares[place], shares[place])
        for place, score in zip_longest(read, logits)
    ]


def _candidates(number: int, part: Part, taking: Callable[[Unit], Unit | None]) -> Iterator[_Candidate]:
    heading = ". ".join(text for text in (part.title, part.heading_path) if text)
    found = may_answer(units(part.text), part.text, (part.title, part.heading_path))
    for place, unit in enumerate(found):
        before = found[place - 1].text if place else ""
        after = found[place + 1].text if place + 1 < len(found) else ""
        if (taken := taking(unit)) is not None:
            yield _Candidate(number, taken, heading, before, after)


# --- words ---


@dataclass(frozen=True)
class _Held:
    """The stems of a unit, of its title and heading, and of its neighbours."""

    own: set[str]
    heading: set[str]
    near: set[str]

    @classmethod
    def by(cls, candidate: _Candidate) -> "_Held":
        near = f"{candidate.before[-NEAR:]} {candidate.after[:NEAR]}"
        return cls(
            *(
                {stem(word) for word in words(text, UNIT_WORDS)}
                for text in (candidate.unit.text, candidate.heading, near)
            )
        )

    def counts(self, word: str) -> float:
        return 1.0 if word in self.own else max(IN_HEADING * (word in self.heading), IN_NEIGHBOUR * (word in self.near))


def _shares(asked: Sequence[set[str]], held: Sequence[_Held]) -> list[tuple[float, ...]]:
    """For each unit the share of each question's words. Words that few units have weigh most."""
    holders = Counter(word for each in held for word in each.own)
    weights = {word: math.log(1 + (len(held) + 0.5) / (holders[word] + 0.5)) for word in set().union(*asked)}
    totals = [sum(weights[word] for word in sorted(question)) for question in asked]
    return [
        tuple(
            sum(weights[word] * each.counts(word) for word in sorted(question)) / (total or 1)
            for question, total in zip(asked, totals, strict=True)
        )
        for each in held
    ]


def _are_known(asked: Sequence[set[str]], held: Sequence[_Held]) -> bool:
    known = set().union(*(each.own | each.heading for each in held))
    return sum(len(question & known) / max(1, len(question)) for question in asked) >= KNOWN * len(asked)


# --- choosing ---


def _logits(
    questions: Sequence[str], candidates: Sequence[_Candidate], reranker: Reranker | None
) -> list[tuple[float, ...]]:
    """One for each question, of each candidate; none at all without a reranker."""
    if reranker is None:
        return []
    passages = [candidate.in_context for candidate in candidates]
    room = MAX_TOKENS * len(passages)
    asked = [question_text.shortened(question, ASKED) for question in questions]
    return list(zip(*(reranker.scores(each, passages, room).tolist() for each in asked), strict=True))


def _ranked(numbers: Sequence[float]) -> list[int]:
    return sorted(range(len(numbers)), key=lambda place: -numbers[place])


def _rankings(numbers: Iterable[tuple[float, ...]]) -> list[list[int]]:
    """For each question the places, best first."""
    return [_ranked(each) for each in zip(*numbers, strict=True)]


def _in_turn(rows: Iterable[Sequence[T]]) -> list[T]:
    """The first of each, then the second of each, and so on; each once."""
    return list(dict.fromkeys(each for column in zip_longest(*rows) for each in column if each is not None))


def _order(scored: Sequence[Scored]) -> list[int]:
    """Places, the most important first: the best of each question in turn, then whatever fits best."""
    by_question = [ranking[:FOR_EACH] for ranking in _rankings(each.fits for each in scored)]
    sure = _in_turn(by_question) if len(by_question) > 1 else []
    return list(dict.fromkeys([*sure, *_ranked([each.fit for each in scored])]))


def _taken(scored: Sequence[Scored], order: Sequence[int], most: int) -> list[int]:
    """The first `most` that fit into LENGTH, each text once; the very first in any case."""
    taken: dict[str, int] = {}
    room = float(LENGTH)
    for place in order:
        text = scored[place].unit.text
        if text not in taken and len(taken) < most and (not taken or size(text) <= room):
            taken[text] = place
            room -= size(text)
    return sorted(taken.values())
