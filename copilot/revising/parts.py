"""Cuts the text of the composer into the parts that are revised one by one, and puts it together again. Pure.

A part is a sentence or a point of a list. Greeting, closing, quotes and code are fixed: nothing revises them.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from copilot import voice
from copilot.drafting.citation_marks import without
from copilot.drafting.composing import END, WIDE_END
from copilot.evidence.sentences import is_ended, sentences, trimmed
from copilot.evidence.units import COLON
from copilot.revising.words import pattern

PREFIX = re.compile(r"(?:[-*+•]|\d{1,3}[.)])[ \t]+")
LETTERS = re.compile(r"[^\W\d_]{2,}")
FIXED = re.compile(r">|```|~~~|\S+\Z")  # a quote, code, one word or address alone
GREETING_WORDS, CLOSING_LINES = 6, 6
GREETING_ENDS = (",", "!", "，", "！", "様", *COLON)


@dataclass(frozen=True)
class Mark:
    """A citation: "[number]" of a draft, `at` so many characters from the beginning."""

    at: int
    number: int
    draft: int


@dataclass(frozen=True)
class Doc:
    """The text of the composer, and which "[n]" of it are citations."""

    text: str
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Part:
    """`gap` stands before it; `shown` is the part with its citations, whose `marks` count from its own beginning."""

    gap: str
    shown: str
    marks: tuple[Mark, ...] = ()
    fixed: bool = False
    start: int = 0  # in the text that was cut

    @property
    def prefix(self) -> str:
        """The number or dash of a list's point."""
        found = PREFIX.match(self.shown)
        return found[0] if found else ""

    @property
    def text(self) -> str:
        """Without number and citations."""
        return without(self.shown, {mark.at: mark.number for mark in self.marks})[len(self.prefix) :].strip()


def cut(doc: Doc) -> list[Part]:
    """The parts in order. Joined again they are the same text."""
    text, first, last = doc.text, *_body(doc.text)
    places = [*_lines(text, 0, first), *_sentences(text, first, last), *_lines(text, last, len(text))]
    parts, before = [], 0
    for start, end in places:
        marks = [replace(mark, at=mark.at - start) for mark in doc.marks if start <= mark.at < end]
        part = Part(text[before:start], text[start:end], tuple(marks), start=start)
        parts.append(replace(part, fixed=not first <= start < last or _is_fixed(part.text)))
        before = end
    return [*parts, Part(text[before:], "", fixed=True, start=len(text))] if before < len(text) else parts


def joined(parts: Iterable[Part]) -> Doc:
    text, marks = "", []
    for part in parts:
        start = len(text) + len(part.gap)
        text += part.gap + part.shown
        marks += [replace(mark, at=start + mark.at) for mark in part.marks]
    return Doc(text, tuple(marks))


def places(parts: Sequence[Part]) -> list[tuple[int, int]]:
    """Where each part stands in the joined text."""
    found, at = [], 0
    for part in parts:
        start = at + len(part.gap)
        at = start + len(part.shown)
        found.append((start, at))
    return found


def reworded(part: Part, text: str) -> Part:
    """The part with other words, its citations before the mark that ends it."""
    end = END.search(text) or re.search(rf"[{''.join(COLON)}]\Z", text)
    body, ending = (text[: end.start()].rstrip(), end[0]) if end else (text, "")
    shown, marks = part.prefix + body, []
    for at, mark in enumerate(part.marks):
        shown += "" if at or not shown or WIDE_END.search(ending) else " "
        marks.append(replace(mark, at=len(shown)))
        shown += f"[{mark.number}]"
    return replace(part, shown=shown + ending, marks=tuple(marks))


def without_parts(parts: Sequence[Part], gone: Iterable[int]) -> list[Part]:
    """The parts without those at the places in `gone`. What was a paragraph of its own stays one."""
    dropped, gap = set(gone), ""
    kept: list[Part] = []
    for at, part in enumerate(parts):
        wider = max(gap, part.gap, key=lambda each: (each.count("\n"), len(each))) if gap else part.gap
        if at in dropped:
            gap = wider
        else:
            kept.append(replace(part, gap=wider if kept else part.gap if at == 0 else ""))
            gap = ""
    return kept


def is_greeting(line: str) -> bool:
    """A short first line such as "Hi Tomas,"."""
    words = line.split()
    if not 0 < len(words) <= GREETING_WORDS or PREFIX.match(line):
        return False
    known = {words.plain for words in voice.load().words.values()}
    return line in known or line.endswith(GREETING_ENDS) or not is_ended(line)


def _body(text: str) -> tuple[int, int]:
    """Where greeting ends and closing begins."""
    first, _ = trimmed(text, 0, len(text))
    line_end = text.find("\n", first)
    if line_end != -1 and is_greeting(text[first:line_end].strip()):
        first = line_end
    starts = [found.end() for found in re.finditer(r"\n+[ \t]*", text) if found.end() >= first][-CLOSING_LINES:]
    last = next((start for start in starts if pattern("sign_off").match(text, start)), len(text))
    return first, last


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for found in re.finditer(r"[^\n]+", text[start:end]):
        first, last = trimmed(text, start + found.start(), start + found.end())
        if first < last:
            yield first, last


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for first, last in sentences(text[start:end]):
        yield start + first, start + last


def _is_fixed(text: str) -> bool:
    return bool(FIXED.match(text)) or not LETTERS.search(text) or "```" in text
