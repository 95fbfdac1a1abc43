"""Sensitive signals in what a customer writes: the words of it that mean a person has to take over at once.

The words are data: one file a language in `signal_words/`. All of them are tried on every text, because the language
of a short mail can't be told reliably. To add a language, copy a short file (`uk.toml`) and put its own words in;
nothing else has to know of it. Add a text that must be found, and one like it that must not, to the tests.

A file has a table for each kind, with lines of patterns: `say` is a signal unless denied, `always` even then; both are
void where `unless` is found in the same clause, or `topic` in the same sentence. The table `words` has groups of words
that lines use as `{name}`. Three groups have a meaning of their own: a word of `not` inside or right beside what a line
of `say` found denies it, one of `still` doesn't though it looks so ("not only"), and one of `but` begins a new clause.

A line is words in their order, one after the other: `a|b` is either, `a_b` is two words as one choice, `a?` may be
missing, `stem*` and `*stem` begin or end a word, `..` lets up to four other words lie between, `...` up to eight, and
`a & b` is both in any order with up to eight words between. An indented line goes on with the one before. Accents,
capitals and apostrophes don't count. In Japanese and Chinese every character is a word, and twice as many may lie
between.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from copilot.triage.signal_words.book import Book, Denial, Rule, Steps, read
from copilot.triage.signal_words.sentences import Sentence, Span, sentences

# Where each step of a rule was found.
Way = tuple[Span, ...]


class Kind(StrEnum):
    LEGAL_THREAT = "legal_threat"
    STAFF_COMPLAINT = "staff_complaint"
    SECURITY = "security"
    DISPUTE = "dispute"
    CHURN = "churn"
    SELF_HARM = "self_harm"
    HUMAN = "human"
    REFUND = "refund"
    ACCESS = "access"


# What a customer wants and a person decides. It is no alarm, as all others are.
REQUESTS = (Kind.REFUND, Kind.ACCESS)
SENSITIVE = frozenset(Kind) - frozenset(REQUESTS)


@dataclass(frozen=True)
class Signal:
    kind: Kind
    start: int
    end: int


def found(text: str) -> tuple[Signal, ...]:
    """The signals in the text, one of a kind, each with the first words that show it, in the order of the text."""
    book, first = read(), dict[str, Signal]()
    for sentence in sentences(text, book.but):
        reading = Reading(book, sentence)
        for rule, way in sorted(reading.said(), key=lambda said: (said[1][0][0], -said[1][-1][1])):
            if rule.kind not in first and reading.holds(rule, way):
                start, end = sentence.spans[way[0][0]][0], sentence.spans[way[-1][1] - 1][1]
                first[rule.kind] = Signal(Kind(rule.kind), start, end)
    return tuple(sorted(first.values(), key=lambda signal: (signal.start, signal.kind)))


class Reading:
    """What the lines of the book find in one sentence."""

    def __init__(self, book: Book, sentence: Sentence) -> None:
        self.book, self.clauses = book, sentence.clauses
        self.phrases = book.places(sentence.words)
        self.groups = set[int]().union(*(book.groups_of[phrase] for phrase in self.phrases))
        self._places: dict[int, list[Span]] = {}
        self._void: dict[str, frozenset[int]] = {}
        self._denying: dict[Denial, frozenset[int]] = {}

    def said(self) -> Iterator[tuple[Rule, Way]]:
        for group in self.groups:
            for rule in self.book.by_rarest.get(group, ()):
                for way in self.ways(rule.steps):
                    yield rule, way

    def ways(self, steps: Steps) -> Iterable[Way]:
        """Where the steps follow each other, with as few words between as can be: one way for each end."""
        if any(group not in self.groups for group, _ in steps):
            return ()
        ways: dict[int, Way] = {end: ((start, end),) for start, end in self.places(steps[0][0])}
        for group, room in steps[1:]:
            further: dict[int, Way] = {}
            for start, end in self.places(group):
                before = next((ways[start - gap] for gap in range(room + 1) if start - gap in ways), None)
                if before:
                    further[end] = (*before, (start, end))
            ways = further
        return ways.values()

    def places(self, group: int) -> list[Span]:
        if group not in self._places:
            phrases = [phrase for phrase in self.book.members[group] if phrase in self.phrases]
            self._places[group] = sorted(span for phrase in phrases for span in self.phrases[phrase])
        return self._places[group]

    def holds(self, rule: Rule, way: Way) -> bool:
        first, last = way[0][0], way[-1][1] - 1
        own = range(self.clauses[first], self.clauses[last] + 1)
        if not self.void(rule.kind).isdisjoint(own):
            return False
        denying = self.denying(rule.denial) - {word for start, end in way for word in range(start, end)}
        beside = range(max(0, first - 3), min(len(self.clauses), last + 3))
        return not any(word in denying and self.clauses[word] in own for word in beside)

    def void(self, kind: str) -> frozenset[int]:
        """The clauses in which nothing is a signal of this kind."""
        if kind not in self._void:
            clauses = set[int]()
            for steps in self.book.unless[kind]:
                ends = [(self.clauses[way[0][0]], self.clauses[way[-1][1] - 1]) for way in self.ways(steps)]
                clauses.update(first for first, last in ends if first == last)
            if any(self.ways(steps) for steps in self.book.topics[kind]):
                clauses.update(self.clauses)
            self._void[kind] = frozenset(clauses)
        return self._void[kind]

    def denying(self, denial: Denial) -> frozenset[int]:
        """The words that deny, but for those in phrases that only look so."""
        if denial not in self._denying:
            deny, still = (self.places(group) if group in self.groups else [] for group in denial)
            harmless = {word for start, end in still for word in range(start, end)}
            self._denying[denial] = frozenset(start for start, _ in deny if start not in harmless)
        return self._denying[denial]
