"""Turns the model's output into a title and a body without unsupported sentences. Pure.

A sentence is dropped if one of its figures is in no reply, or if too few of its words are (MIN_SHARED). What remains
still needs a person's review: a sentence is not true just because its words occur in a reply.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from copilot import prompts
from copilot.redaction import PLACEHOLDER
from knowledge.claims.values import Value, values
from knowledge.index.lexical import content_words, stem

PROMPT = "article-1"
MIN_SHARED = 1 / 3  # of a sentence's content words that some reply must hold
TITLE_LIMIT = 90
HEADING = re.compile(r"^\s*#{1,6}\s+(.*?)\s*#*\s*$")
ITEM = re.compile(r"^(\s*(?:[-*+]|\d+[.)])\s+)(.*)$")
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")
CITATION = re.compile(r"\s*\[\d+\](?:\[\d+\])*")
FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")


@dataclass(frozen=True)
class Written:
    """`dropped`: how many sentences were left out because no reply supports them."""

    title: str
    body_md: str
    dropped: int

    @property
    def empty(self) -> bool:
        return not re.search(r"^(?!\s*#)\s*\S", self.body_md, re.MULTILINE)


def refuses(raw: str) -> bool:
    return raw.strip().strip("*\"'#. ").upper().startswith(prompts.load(PROMPT).refusal)


def article(raw: str, replies: Sequence[str], fallback: str) -> Written:
    """`fallback` is the title when the model gave none that can be used."""
    lines = CITATION.sub("", PLACEHOLDER.sub("", raw)).strip().split("\n")
    title, lines = _title(lines, fallback)
    known = [value for reply in replies for value in values(reply)]
    figures = {figure for reply in replies for figure in FIGURE.findall(reply)}
    words = {stem(word) for reply in replies for word in re.findall(r"\w+", reply.lower())}
    kept: list[str] = []
    dropped = 0
    for line in lines:
        text, gone = _supported(line, known, figures, words)
        dropped += gone
        if text or not gone:
            kept.append(text)
    return Written(title, _without_empty_sections(kept), dropped)


def _title(lines: list[str], fallback: str) -> tuple[str, list[str]]:
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    found = HEADING.match(lines[first]) if lines else None
    if found is None:
        return fallback[:TITLE_LIMIT], lines
    return (_shortened(found[1].strip("*_ ")) or fallback[:TITLE_LIMIT]), lines[first + 1 :]


def _shortened(title: str) -> str:
    return title if len(title) <= TITLE_LIMIT else title[:TITLE_LIMIT].rpartition(" ")[0]


def _supported(line: str, known: Sequence[Value], figures: set[str], words: set[str]) -> tuple[str, int]:
    """The line without the sentences that nothing supports, and how many those were."""
    if HEADING.match(line) or not line.strip():
        return ("", 1) if not _figures_known(line, known, figures) else (line.rstrip(), 0)
    mark, text = (item[1], item[2]) if (item := ITEM.match(line)) else ("", line.strip())
    sentences = [sentence for sentence in SENTENCE.split(text) if sentence.strip()]
    good = [each for each in sentences if _figures_known(each, known, figures) and _words_known(each, words)]
    return (mark + " ".join(good)).rstrip() if good else "", len(sentences) - len(good)


def _figures_known(sentence: str, known: Sequence[Value], figures: set[str]) -> bool:
    rest = sentence
    for value in reversed(values(sentence)):
        same = [other for other in known if other.kind == value.kind and other.unit & value.unit]
        # A count may be of the same thing in other words ("2 reminders", "2 per class"): its figure decides.
        counted = value.kind == "number" and all(f"{number:g}" in figures for number in value.numbers)
        if not counted and not any(_equal(other.numbers, value.numbers) for other in same):
            return False
        rest = rest[: value.start] + rest[value.end :]
    return all(figure in figures for figure in FIGURE.findall(rest))


def _equal(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return len(one) == len(other) and all(
        abs(a - b) <= 0.001 * max(1.0, abs(a)) for a, b in zip(one, other, strict=True)
    )


def _words_known(sentence: str, words: set[str]) -> bool:
    wanted = content_words(sentence)
    return not wanted or sum(stem(word) in words for word in wanted) >= MIN_SHARED * len(wanted)


def _without_empty_sections(lines: Sequence[str]) -> str:
    """Drop headings without sentences, and number lists again."""
    kept: list[str] = []
    for line in reversed(lines):
        following = next((other for other in reversed(kept) if other.strip()), "")
        if HEADING.match(line) and (not following or HEADING.match(following)):
            continue
        kept.append(line)
    text = "\n".join(_numbered(list(reversed(kept))))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _numbered(lines: Sequence[str]) -> list[str]:
    made, number = [], 0
    for line in lines:
        found = re.match(r"^(\s*)\d+([.)]\s+)(.*)$", line)
        number = number + 1 if found else (number if not line.strip() else 0)
        made.append(f"{found[1]}{number}{found[2]}{found[3]}" if found else line)
    return made
