"""The files of words that show a mood, read, and found in a text. How they are written says `triage/tone.py`."""

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from copilot.triage.signal_words.book import Node, Phrase, phrase_of

EMOJIS = "emojis"  # the file that belongs to no language


@dataclass(frozen=True)
class Said:
    """A phrase in a sentence: its first word, the one after its last, how many letters of it are written in the file,
    and by language the groups that it is in."""

    start: int
    end: int
    letters: int
    known: Mapping[str, frozenset[str]]

    def groups(self, spoken: Collection[str]) -> frozenset[str]:
        return frozenset[str]().union(*(groups for language, groups in self.known.items() if language in spoken))


class Book:
    """The words of all languages. The same word may be praise in one and trouble in another."""

    def __init__(self) -> None:
        self.languages: set[str] = set()
        self._start = Node()
        self._numbers: dict[Phrase, int] = {}
        self._known: list[dict[str, frozenset[str]]] = []  # of each phrase
        self._letters: list[int] = []

    def add(self, language: str, groups: Mapping[str, str]) -> None:
        self.languages.add(language)
        for group, text in groups.items():
            for phrase in map(phrase_of, text.split()):
                if phrase not in self._numbers:
                    self._numbers[phrase] = len(self._numbers)
                    self._known.append({})
                    self._letters.append(sum(len(word.strip("*")) for word in phrase))
                    self._start.grow(phrase).phrases.append(self._numbers[phrase])
                known = self._known[self._numbers[phrase]]
                known[language] = known.get(language, frozenset()) | {group}

    def said(self, words: list[str], spoken: Collection[str]) -> list[Said]:
        """What the sentence says in these languages, from left to right: of the phrases that begin at a word the
        longest, and none inside it."""
        found, at = list[Said](), 0
        while at < len(words):
            begun = (said for said in self.begun(words, at) if not said.known.keys().isdisjoint(spoken))
            longest = max(begun, key=lambda said: (said.end, said.letters), default=None)
            if longest:
                found.append(longest)
            at = longest.end if longest else at + 1
        return found

    def begun(self, words: list[str], at: int) -> Iterator[Said]:
        """The phrases of all languages that begin at this word."""
        nodes, end = _first(words[at]), at + 1
        while nodes:
            numbers = (number for node in nodes for number in node.phrases)
            yield from (Said(at, end, self._letters[number], self._known[number]) for number in numbers)
            nodes = [further for node in nodes for further in node.after(words[end])] if end < len(words) else []
            end += 1

    def first(self, word: str) -> list[Node]:
        return self._start.after(word)

    def nearest(self, sentences: Iterable[list[str]], possible: Collection[str]) -> frozenset[str]:
        """Of the languages those that have the most phrases of the text; all of them if none has any."""
        begun = (said for words in sentences for at in range(len(words)) for said in self.begun(words, at))
        counts = Counter(language for said in begun for language in said.known if language in possible)
        most = max(counts.values(), default=0)
        return frozenset(language for language in possible if counts[language] == most)


@lru_cache(maxsize=8192)
def _first(word: str) -> list[Node]:
    return read().first(word)


@dataclass(frozen=True)
class Emojis:
    """`group_of`: of each emoji, and of faces made of letters."""

    group_of: Mapping[str, str]
    pattern: re.Pattern[str]

    def found(self, text: str) -> list[str]:
        """The group of each that is in the text."""
        return [self.group_of[match.group()] for match in self.pattern.finditer(text)]


@cache
def read() -> Book:
    book = Book()
    for path in _files():
        if path.stem != EMOJIS:
            book.add(path.stem, _parsed(path))
    return book


@cache
def emojis() -> Emojis:
    groups = _parsed(Path(__file__).with_name(f"{EMOJIS}.toml"))
    group_of = {emoji: group for group, text in groups.items() for emoji in text.split()}
    longest_first = sorted(group_of, key=len, reverse=True)
    return Emojis(group_of, re.compile("|".join(map(re.escape, longest_first))))


def _files() -> list[Path]:
    return sorted(Path(__file__).parent.glob("*.toml"))


def _parsed(path: Path) -> dict[str, str]:
    return {group: str(text) for group, text in tomllib.loads(path.read_text(encoding="utf-8")).items()}
