"""The files of words, read. How a line is written says `copilot/triage/signals.py`."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from itertools import groupby, permutations, product
from pathlib import Path

from copilot.triage.signal_words.sentences import CJK, Span, words_of

Phrase = tuple[str, ...]
# A group of phrases, and how many other words may lie before it.
Step = tuple[int, int]
Steps = tuple[Step, ...]
# The group of words that deny, and of phrases with such a word that don't.
Denial = tuple[int, int]

# An indented line goes on with the one before, maybe inside a word with its alternatives.
_LONGER = re.compile(r"\n +(?=\|)")
# No word of a file is longer; without a limit the time would grow with the square of a word's length.
_LONGEST = 32
_ROOM = {"..": 4, "...": 8, "&": 8}


@dataclass(frozen=True)
class Rule:
    kind: str
    steps: Steps
    denial: Denial


@dataclass
class Node:
    """A word of phrases: those that end with it, and the words that may follow, whole ones and with a star."""

    phrases: list[int] = field(default_factory=list)
    whole: dict[str, "Node"] = field(default_factory=dict)
    starred: dict[str, "Node"] = field(default_factory=dict)

    def grow(self, phrase: Phrase) -> "Node":
        node = self
        for word in phrase:
            node = (node.starred if "*" in word else node.whole).setdefault(word, Node())
        return node

    def after(self, word: str) -> list["Node"]:
        whole = [self.whole[word]] if word in self.whole else []
        if not self.starred:
            return whole
        lengths = range(1, min(len(word), _LONGEST) + 1)
        stems, tails = (word[:length] + "*" for length in lengths), ("*" + word[-length:] for length in lengths)
        return whole + [self.starred[part] for part in (*stems, *tails) if part in self.starred]


class Book:
    """The lines of all languages, and where in a sentence their phrases are."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.unless: dict[str, list[Steps]] = {}
        self.topics: dict[str, list[Steps]] = {}
        self.but: frozenset[str] = frozenset()
        self.start = Node()
        self.groups: dict[frozenset[Phrase], int] = {}
        self.members: list[list[int]] = []
        self.phrases: dict[Phrase, int] = {}
        self.groups_of: list[set[int]] = []

    @cached_property
    def by_rarest(self) -> dict[int, list[Rule]]:
        uses = Counter(group for rule in self.rules for group, _ in rule.steps)
        rules: dict[int, list[Rule]] = {}
        for rule in self.rules:
            rules.setdefault(min((group for group, _ in rule.steps), key=uses.__getitem__), []).append(rule)
        return rules

    def places(self, words: list[str]) -> dict[int, list[Span]]:
        """Where in the sentence each phrase is."""
        places: dict[int, list[Span]] = {}
        for at, word in enumerate(words):
            nodes, end = _begun(word), at + 1
            while nodes:
                for node in nodes:
                    for phrase in node.phrases:
                        places.setdefault(phrase, []).append((at, end))
                nodes = [further for node in nodes for further in node.after(words[end])] if end < len(words) else []
                end += 1
        return places

    def add(self, language: dict[str, dict[str, str]]) -> None:
        words = {name: _choices(text.split(), {}) for name, text in language.pop("words", {}).items()}
        self.but |= {word for phrase in words.get("but", ()) for word in phrase}
        none, deny, still = (self._number(words.get(name, frozenset())) for name in ("", "not", "still"))
        for kind, table in language.items():
            lines = {what: list(self._all_steps(text, words)) for what, text in table.items()}
            self.rules += [Rule(kind, steps, (deny, still)) for steps in lines.get("say", ())]
            self.rules += [Rule(kind, steps, (none, none)) for steps in lines.get("always", ())]
            self.unless.setdefault(kind, []).extend(lines.get("unless", ()))
            self.topics.setdefault(kind, []).extend(lines.get("topic", ()))

    def _all_steps(self, text: str, words: dict[str, frozenset[Phrase]]) -> Iterator[Steps]:
        for line in _LONGER.sub("", text.strip()).replace("\n ", " ").split("\n"):
            room, wide = 0, 2 if re.search(f"[{CJK}]", line) else 1
            for parts in _orders(line.split()):
                steps: list[Step] = []
                for part in parts:
                    if part in _ROOM:
                        room = _ROOM[part] * wide
                    else:
                        steps.append((self._number(_choices(part.split("|"), words)), room))
                        room = 0
                yield tuple(steps)

    def _number(self, group: frozenset[Phrase]) -> int:
        """The number of the group; its phrases get theirs."""
        if group not in self.groups:
            number = self.groups[group] = len(self.groups)
            self.members.append([])
            for phrase in group:
                if phrase not in self.phrases:
                    self.phrases[phrase] = len(self.phrases)
                    self.groups_of.append(set())
                    self.start.grow(phrase).phrases.append(self.phrases[phrase])
                self.groups_of[self.phrases[phrase]].add(number)
                self.members[number].append(self.phrases[phrase])
        return self.groups[group]


def _orders(parts: list[str]) -> Iterator[list[str]]:
    """The line with and without what may be missing, and in every order of what may come in any."""
    for kept in product(*([part[:-1], ""] if part.endswith("?") else [part] for part in parts)):
        free = [list(group) for joint, group in groupby(filter(None, kept), "&".__eq__) if not joint]
        for order in permutations(free):
            yield [part for first, *rest in order for part in ("&", first, *rest)][1:]


def _choices(choices: Iterable[str], words: dict[str, frozenset[Phrase]]) -> frozenset[Phrase]:
    phrases = set[Phrase]()
    for choice in choices:
        phrases |= words[choice[1:-1]] if choice.startswith("{") else {phrase_of(choice)}
    return frozenset(phrases)


def phrase_of(choice: str) -> Phrase:
    words: list[str] = []
    for written in choice.split("_"):
        plain = words_of(written)
        plain[0] = "*" * written.startswith("*") + plain[0]
        plain[-1] += "*" * written.endswith("*")
        words += plain
    return tuple(words)


@lru_cache(maxsize=8192)
def _begun(word: str) -> list[Node]:
    return read().start.after(word)


@cache
def read() -> Book:
    book = Book()
    for path in sorted(Path(__file__).parent.glob("*.toml")):
        book.add(tomllib.loads(path.read_text(encoding="utf-8")))
    return book
