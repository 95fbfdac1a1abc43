"""Cuts a passage into units that can be understood alone: a sentence, a list with its introduction, a table row. Pure.

A unit is what the model reads, what a citation points to, and what a reply can be made of without a model. Its place in
the passage is kept, so that the page can mark it. Time is linear in the length of the passage.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate, pairwise

from copilot.evidence.list_points import point
from copilot.evidence.plain_words import plain, without_comments
from copilot.evidence.sentences import is_ended, joined, sentences, trimmed
from copilot.evidence.table_rows import rows
from knowledge.text.parsing import blocks

LONGEST = 900  # characters of one unit: a longer sentence, point or line of code is cut
JOINED = 450  # characters of sentences that are joined because one needs the other
# A longer list becomes several units, each with the introduction.
STEPS_LENGTH, LIST_LENGTH = 1500, 700
# An introduction is repeated: for each row of a table only a short one.
LEAD_LENGTH, ROW_LEAD_LENGTH = 240, 100
COLON = (":", "：")

_LISTS, _CODE = {"bullet_list_open", "ordered_list_open"}, {"fence", "code_block"}
# All marks of a line, so that no quote is left inside a quote.
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]*)*>[ \t]?(?:\[!\w+\][ \t]*$)?")
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_HEADING_MARKS = re.compile(r"\A[ \t]*#{1,6}(?=[ \t\n]|\Z)|[ \t]#+[ \t]*\Z|\n[ \t]*(?:=+|-+)[ \t]*\Z")


class Kind(StrEnum):
    SENTENCE = "sentence"
    STEPS = "steps"
    LIST = "list"
    ROW = "row"
    CODE = "code"


@dataclass(frozen=True)
class Unit:
    """`text` can be read by itself; `start` and `end` are its place in the passage."""

    text: str
    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class _Block:
    """`type` is markdown-it's; `points`: where those of a list begin, as places in the passage."""

    type: str
    start: int
    text: str
    points: Sequence[int] = ()


def units(passage: str) -> list[Unit]:
    """The units of a passage in reading order. Every word that a reader sees is in one of them.

    Only a table's header may be missing, if it says nothing ("Value").
    """
    passage = passage.replace("\r\n", " \n").replace("\r", "\n")
    found: list[Unit] = []
    for block in _blocks(passage):
        before = found[-1] if found and not passage[found[-1].end : block.start].strip() else None
        taken, new = _of_block(block, before if before and before.kind is Kind.SENTENCE else None)
        if taken:
            found.pop()
        for unit in new:
            start, end = trimmed(passage, unit.start, unit.end)
            found.append(replace(unit, start=start, end=end))
    return found


def _blocks(passage: str) -> Iterator[_Block]:
    lines = passage.split("\n")
    starts = [*accumulate((len(line) + 1 for line in lines), initial=0)]
    parsed = blocks(passage)
    points = [starts[each.map[0]] for each in parsed if each.type == "list_item_open" and each.level == 1 and each.map]
    done = 0
    for token in parsed:
        if token.level or not token.map or token.map[1] <= done:
            continue
        first, last = max(token.map[0], done), min(token.map[1], len(lines))
        # Lines that belong to no block are prose.
        for kind, start, end in (("", done, first), (token.type, first, last)):
            inside = points[bisect_left(points, starts[start]) : bisect_left(points, starts[end])]
            yield _Block(kind, starts[start], "\n".join(lines[start:end]), inside)
        done = last
    yield _Block("", starts[done], "\n".join(lines[done:]))


def _of_block(block: _Block, before: Unit | None) -> tuple[bool, list[Unit]]:
    """Whether the unit before becomes part of the block's units, and these."""
    if block.type in _CODE:
        return _led(before if before and _introduces(before) else None, _of_code(block), "\n")
    block = replace(block, text=without_comments(block.text))
    if block.type == "table_open":
        lead = before if before and _introduces(before) and len(before.text) <= ROW_LEAD_LENGTH else None
        found = [(block.start + start, block.start + end, said) for start, end, said in rows(block.text)]
        return _led(lead, [Unit(said, Kind.ROW, start, end) for start, end, said in found], " ")
    if block.type in _LISTS:
        lead = before if before and (block.type == "ordered_list_open" or _ends_openly(before)) else None
        if lead and len(lead.text) > LEAD_LENGTH:  # it stays a unit; its last sentence introduces the list as well
            last = _last_sentence(lead.text)
            return False, _with_lead(last, _of_list(block, bool(last)))
        return _led(lead, _of_list(block, lead is not None), "\n")
    if block.type == "blockquote_open":
        return False, _of_quote(block)
    return before is not None, _of_prose(block, before) if block.type != "hr" else [before] if before else []


def _introduces(unit: Unit) -> bool:
    return len(unit.text) <= LEAD_LENGTH and _ends_openly(unit)


def _ends_openly(unit: Unit) -> bool:
    return unit.text.endswith(COLON) or not is_ended(unit.text)


def _last_sentence(text: str) -> str:
    start, end = sentences(text)[-1]
    return text[start:end] if end - start <= LEAD_LENGTH else ""


def _with_lead(lead: str, found: list[Unit]) -> list[Unit]:
    return [replace(unit, text=f"{lead}\n{unit.text}") for unit in found] if lead else found


def _led(lead: Unit | None, found: list[Unit], between: str) -> tuple[bool, list[Unit]]:
    """Each unit with the introduction; the first begins where the introduction does."""
    if not lead or not found:
        return False, found
    said = lead.text if between == "\n" or lead.text.endswith(COLON) else f"{lead.text}:"
    led = [replace(unit, text=f"{said}{between}{unit.text}") for unit in found]
    return True, [replace(led[0], start=lead.start), *led[1:]]


# --- prose ---


def _of_prose(block: _Block, before: Unit | None) -> list[Unit]:
    text, heading = block.text, block.type == "heading_open"
    if heading:
        text = _HEADING_MARKS.sub(lambda mark: " " * len(mark[0]), text)
    found = [before] if before else []
    last = before.text if before else ""  # the sentence before
    for start, end in sentences(text):
        if not (said := plain(text[start:end])):
            continue
        glue = joined(last, said) if last else None
        if glue is not None and len(found[-1].text) + len(said) < JOINED:
            found[-1] = replace(found[-1], text=f"{found[-1].text}{glue}{said}", end=block.start + end)
        else:
            parts = [(plain(text[at:to]), at, to) for at, to in _cut(text, start, end)]
            found += [Unit(part, Kind.SENTENCE, block.start + at, block.start + to) for part, at, to in parts if part]
        last = said
    if heading and found:  # with the marks after it
        found[-1] = replace(found[-1], end=block.start + len(text))
    return found


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Places of at most LONGEST characters, cut between words if there are any."""
    while end - start > LONGEST:
        at = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        at = at if at > 0 else start + LONGEST
        yield trimmed(text, start, at)
        start = at
    yield trimmed(text, start, end)


def _of_quote(block: _Block) -> list[Unit]:
    """What is quoted is cut as if it were not."""
    starts, places, inner = [0], [], []
    place = block.start
    for line in block.text.split("\n"):
        mark = _QUOTE.match(line)
        rest = line[mark.end() :] if mark else line
        places.append(place + len(line) - len(rest))
        starts.append(starts[-1] + len(rest) + 1)
        inner.append(rest)
        place += len(line) + 1

    def outside(at: int) -> int:
        line = bisect_right(starts, at) - 1
        return places[line] + at - starts[line]

    return [replace(unit, start=outside(unit.start), end=outside(unit.end - 1) + 1) for unit in units("\n".join(inner))]


# --- lists and code ---


def _of_list(block: _Block, has_lead: bool) -> list[Unit]:
    """One unit, or several if it is long. Sentences that only stand in a list, and a single point, are units of their
    own."""
    kind = Kind.STEPS if block.type == "ordered_list_open" else Kind.LIST
    number = 0
    found: list[Unit] = []
    for start, end in pairwise([*block.points, block.start + len(block.text)]):
        number, said = point(block.text[start - block.start : end - block.start], number)
        found += [Unit(said[at:to], kind, start, end) for at, to in _cut(said, 0, len(said)) if said]
    plain = all("\n" not in each.text and (is_ended(each.text) or len(found) == 1) for each in found)
    if kind is Kind.LIST and not has_lead and plain:
        return [replace(each, text=each.text.removeprefix("- "), kind=Kind.SENTENCE) for each in found]
    return _grouped(found, STEPS_LENGTH if kind is Kind.STEPS else LIST_LENGTH)


def _grouped(found: Sequence[Unit], longest: int) -> list[Unit]:
    groups: list[list[Unit]] = []
    length = 0
    for unit in found:
        length += len(unit.text) + 1
        if not groups or length > longest:
            groups.append([])
            length = len(unit.text) + 1
        groups[-1].append(unit)
    return [
        replace(group[0], text="\n".join(unit.text for unit in group), end=max(unit.end for unit in group))
        for group in groups
    ]


def _of_code(block: _Block) -> list[Unit]:
    lines = block.text.split("\n")
    found: list[Unit] = []
    place = block.start
    for number, line in enumerate(lines):
        if line.strip() and not (block.type == "fence" and number in {0, len(lines) - 1} and _FENCE.match(line)):
            # A line keeps its indentation.
            parts = [(0, len(line))] if len(line) <= LONGEST else _cut(line, 0, len(line))
            found += [Unit(line[at:to].rstrip(), Kind.CODE, place + at, place + to) for at, to in parts]
        place += len(line) + 1
    return _grouped(found, LONGEST)
