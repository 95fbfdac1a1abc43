"""Finds passages on the same subject that differ in a number, date, duration or price, or in yes and no. By rules only.

Precision matters most: sentences are compared only if they have the same subject and conditions. Whether the subject is
the same is measured in two ways: the share of subject words that both have (`overlap`), and the likeness of the
sentences without their values (`alike`, on the scale of index/similarity.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.claims.sentences import Clause, Passage, Sentence, sentences
from knowledge.claims.values import Value
from knowledge.index.similarity import Likeness

TOLERANCE = 0.035  # a month equals 30 days, but not four weeks
# Minimum overlap, minimum likeness, and minimum sum of both: for values, and for yes and no.
MIN_OVERLAP, MIN_ALIKE, MIN_SUM = 0.4, 0.4, 1.0
DENIED_MIN_OVERLAP, DENIED_MIN_ALIKE, DENIED_MIN_SUM = 0.5, 0.55, 1.1

LABELS = {
    "price": "price",
    "percentage": "number",
    "duration": "duration",
    "date": "date",
    "time": "date",
    "number": "number",
}


@dataclass(frozen=True)
class Contradiction:
    """The two sentences, where they differ (start, end), and a score from 0 to 1."""

    kind: str
    first: str
    second: str
    first_span: tuple[int, int]
    second_span: tuple[int, int]
    score: float


def contradictions(first: Passage, second: Passage, likeness: Likeness) -> list[Contradiction]:
    """Between two passages, surest first."""
    return compare(sentences(first), sentences(second), likeness)


def within(given: Sequence[Sentence], likeness: Likeness) -> list[Contradiction]:
    """Inside one passage: each sentence is compared with those after it."""
    found = [each for place, one in enumerate(given) for each in compare([one], given[place + 1 :], likeness)]
    return sorted(found, key=lambda each: -each.score)


def compare(first: Sequence[Sentence], second: Sequence[Sentence], likeness: Likeness) -> list[Contradiction]:
    """Between two lists of sentences. Only sentences that could contradict are embedded, each once."""
    valued = [(a, b, pair) for a in first for b in second if (pair := disputed(a, b))]
    stated = [(a, b, pair) for a in first for b in second for pair in denials(a, b)]
    texts = {text for a, b, _ in valued for text in (a.about, b.about)}
    texts |= {clause.about for _, _, pair in stated for clause in pair}
    if not texts:
        return []
    ordered = sorted(texts)
    rows = dict(zip(ordered, likeness.embed(ordered), strict=True))
    found = [by_value(a, b, pair, likeness.scaled(float(rows[a.about] @ rows[b.about]))) for a, b, pair in valued]
    found += [
        by_denial(a, b, pair, likeness.scaled(float(rows[pair[0].about] @ rows[pair[1].about])))
        for a, b, pair in stated
    ]
    return sorted((each for each in found if each), key=lambda each: -each.score)


def disputed(a: Sentence, b: Sentence) -> tuple[Value, Value] | None:
    """The values that differ, if both sentences are about the same case."""
    shared = len(a.words & b.words)
    if a.text == b.text or not shared or (shared < 2 and a.words != b.words) or not same_case(a, b):
        return None
    return differing(a, b)


def denials(a: Sentence, b: Sentence) -> list[tuple[Clause, Clause]]:
    """Pairs of clauses of which one denies what the other affirms."""
    if a.text == b.text or not (same_names(a, b) and _lead_known(a, b) and _lead_known(b, a)):
        return []
    return [
        (mine, other)
        for mine in a.clauses
        for other in b.clauses
        if mine.words & other.words and (_denies(mine, other) or _denies(other, mine)) and _same_conditions(mine, other)
    ]


def _denies(mine: Clause, other: Clause) -> bool:
    """What the other clause only mentions is not affirmed: "the login is free" does not say who signs in."""
    return bool(mine.denied & other.affirmed - other.denied)


def _same_conditions(mine: Clause, other: Clause) -> bool:
    return mine.conditions == other.conditions


def overlap(mine: Sentence | Clause, other: Sentence | Clause, around: tuple[frozenset[str], frozenset[str]]) -> float:
    """The smaller of both shares, 0 to 1, of subject words that the other has too; its passage's words count half."""
    return min(_covered(mine.words, other.words, around[1]), _covered(other.words, mine.words, around[0]))


def _covered(words: frozenset[str], others: frozenset[str], around: frozenset[str]) -> float:
    if not words:
        return 0.0
    return (len(words & others) + 0.5 * len((words - others) & around)) / len(words)


def same_case(a: Sentence, b: Sentence) -> bool:
    """No condition that only one sentence has, and no different names."""
    if a.conditions - b.conditions - b.context_conditions or b.conditions - a.conditions - a.context_conditions:
        return False
    return same_names(a, b) and _lead_known(a, b) and _lead_known(b, a)


def _lead_known(a: Sentence, b: Sentence) -> bool:
    return not a.lead or bool(a.lead & (b.words | b.topic))


def same_names(a: Sentence, b: Sentence) -> bool:
    return not (a.names - b.names and b.names - a.names)


def by_value(a: Sentence, b: Sentence, pair: tuple[Value, Value], alike: float) -> Contradiction | None:
    subject = overlap(a, b, (a.context, b.context))
    if subject < MIN_OVERLAP or alike < MIN_ALIKE or subject + alike < MIN_SUM:
        return None
    spans = (pair[0].start, pair[0].end), (pair[1].start, pair[1].end)
    return Contradiction(LABELS[pair[0].kind], a.text, b.text, *spans, _score(subject, alike))


def by_denial(a: Sentence, b: Sentence, pair: tuple[Clause, Clause], alike: float) -> Contradiction | None:
    subject = overlap(pair[0], pair[1], (pair[0].words, pair[1].words))
    if subject < DENIED_MIN_OVERLAP or alike < DENIED_MIN_ALIKE or subject + alike < DENIED_MIN_SUM:
        return None
    spans = [(max(0, each.text.find(clause.text)), len(clause.text)) for each, clause in zip((a, b), pair, strict=True)]
    first, second = ((start, start + length) for start, length in spans)
    return Contradiction("yes_no", a.text, b.text, first, second, _score(subject, alike))


def _score(subject: float, alike: float) -> float:
    return round(min(1.0, max(0.0, (subject + alike) / 2)), 3)


def differing(a: Sentence, b: Sentence) -> tuple[Value, Value] | None:
    """The first values of the same kind and unit that cannot both be right."""
    for value in a.values:
        others = [other for other in b.values if same_measure(value, other)]
        mine = [other for other in a.values if same_measure(value, other)]
        if not others or any(agree(value, other) for other in others):
            continue
        if len(others) == len(mine) == 1:
            return value, others[0]
        left = [other for other in others if not any(agree(other, each) for each in mine)]
        if len(left) == 1 and len(mine) == len(others):
            return value, left[0]
    return None


def same_measure(a: Value, b: Value) -> bool:
    if a.kind != b.kind or not a.unit & b.unit or a.per != b.per:
        return False
    return {a.bound, b.bound} != {"most", "least"}


def agree(a: Value, b: Value) -> bool:
    """Equal, or one is within the other's range. If only one date has a year, day and month are compared."""
    if a.kind == "date":
        shared = min(len(a.numbers), len(b.numbers))
        return a.numbers[:shared] == b.numbers[:shared]
    low, high = (min(a.numbers), max(a.numbers)), (min(b.numbers), max(b.numbers))
    return _within(low, high) or _within(high, low)


def _within(inner: tuple[float, float], outer: tuple[float, float]) -> bool:
    slack = TOLERANCE if outer[0] >= 60 else 1e-9
    return inner[0] >= outer[0] * (1 - slack) and inner[1] <= outer[1] * (1 + slack)
