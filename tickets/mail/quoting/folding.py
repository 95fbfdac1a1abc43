"""Decides which lines of a mail are quoted. Pure.

A quotation follows a line that says who wrote it, or a header block, or repeats earlier messages of the ticket.
A `>` alone is not enough: the first mail of a ticket has nothing to quote, and people paste prompts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tickets.mail import words
from tickets.mail.html import sanitising
from tickets.mail.quoting import attribution, header_blocks, signatures
from tickets.mail.quoting.lines import ANGLED, Known, Line

MANY_LINES = 6  # marked lines in a row: more than people paste
MAX_COMPARED = 200  # lines that are compared with earlier messages
MAX_ANNOUNCEMENT = 300  # characters of "See my answers below"
MAX_ABOVE = 20  # lines of it


@dataclass(frozen=True)
class Context:
    """What is known of the mail besides its text. `answers`: it answers an earlier mail."""

    answers: bool = True
    forwarded: bool = False
    subject: str = ""
    known: Known = field(default_factory=Known)


@dataclass(frozen=True)
class Introduction:
    """Lines that introduce a quotation. `sure`: what follows is quoted even without a mark. `weight`: see Attribution;
    header blocks have 2."""

    start: int
    stop: int
    sure: bool
    weight: int


@dataclass
class Folding:
    """`quoted`: lines that are removed from the text. `kept`: quoted lines that stay between the answers to them."""

    quoted: list[bool]
    kept: list[bool]


def fold(lines: Sequence[Line], context: Context) -> Folding:
    folding = Folding([False] * len(lines), [False] * len(lines))
    if context.forwarded:
        return folding
    end = _start_of_forwarded(lines)
    introduced, end = _introductions(lines[:end], context, folding)
    groups = [group for group in _groups(lines, end) if not folding.quoted[group[0]]]
    _judge(lines, groups, introduced, context, folding)
    _keep_between_answers(lines, end, folding)
    return folding


def _start_of_forwarded(lines: Sequence[Line]) -> int:
    """The line where a forwarded mail begins, unless it is part of a quotation. From there on everything is text."""
    mark = header_blocks.forward_mark(lines)
    if mark is None or lines[mark].mark == ANGLED:
        return len(lines)
    return mark


def find_introductions(lines: Sequence[Line], subject: str) -> list[Introduction]:
    found = [Introduction(one.start, one.stop, one.sure, one.weight) for one in attribution.find(lines)]
    found += [Introduction(one.start, one.stop, True, 2) for one in header_blocks.find(lines, subject)]
    found += [Introduction(at, at + 1, True, 2) for at in header_blocks.separators(lines)]
    return sorted(found, key=lambda one: (one.start, -one.stop))


def _introductions(lines: Sequence[Line], context: Context, folding: Folding) -> tuple[dict[int, Introduction], int]:
    """Marked line → the introduction in it or right above it. Also the line from which everything is quoted."""
    introduced: dict[int, Introduction] = {}
    written = False
    at = 0
    for one in find_introductions(lines, context.subject):
        written = written or any(_is_word(line) and not line.mark for line in lines[at : one.start])
        at = max(at, one.stop)
        below = next((i for i in range(one.stop, min(one.stop + 4, len(lines))) if not lines[i].blank), len(lines))
        if lines[one.start].mark:
            introduced.setdefault(one.start, one)
        elif below < len(lines) and lines[below].mark:
            introduced[below] = one
        elif one.sure and context.answers and written and not _answered_inside(lines[: one.start]):
            folding.quoted[one.start :] = [True] * (len(folding.quoted) - one.start)
            return introduced, one.start
    return introduced, len(lines)


def _answered_inside(above: Sequence[Line]) -> bool:
    """ "See my answers below, in red": what follows contains answers that nothing marks."""
    if len(above) > MAX_ABOVE:
        return False
    said = words.plain(" ".join(line.text[: MAX_ANNOUNCEMENT + 1] for line in above))
    return len(said) <= MAX_ANNOUNCEMENT and bool(words.within("inside").search(said))


def _groups(lines: Sequence[Line], end: int) -> list[tuple[int, int]]:
    """(first line, line after the last) of marked lines in a row."""
    found: list[tuple[int, int]] = []
    start: int | None = None
    for at in range(end + 1):
        mark = lines[at].mark if at < end else 0
        if start is not None and (not mark or mark != lines[start].mark):
            found.append((start, at))
            start = None
        if mark and start is None:
            start = at
    return found


def _judge(
    lines: Sequence[Line],
    groups: list[tuple[int, int]],
    introduced: dict[int, Introduction],
    context: Context,
    folding: Folding,
) -> None:
    written = [at for at, line in enumerate(lines) if not line.mark and _is_word(line)]
    before = False
    for start, stop in groups:
        if stop == len(lines) and lines[start].mark == sanitising.QUOTED and _answered_inside(lines[:start]):
            continue
        above = [introduced[at] for at in range(start, stop) if at in introduced]
        below = bool(written) and written[-1] >= stop
        pasted = bool(written) and written[0] < start and (below or _announced(lines, start)) and not above
        likely = before or _looks_quoted(lines[start:stop], pasted or bool(above and below), context)
        if _is_quotation(lines[start:stop], above, context, likely):
            before = True
            for first, last in [(start, stop), *((one.start, one.stop) for one in above)]:
                folding.quoted[first:last] = [True] * (last - first)


def _is_quotation(group: Sequence[Line], above: Sequence[Introduction], context: Context, likely: bool) -> bool:
    repeats = context.known.repeats(line.inner for line in group[:MAX_COMPARED])
    weight = max((one.weight for one in above), default=0)
    if group[0].mark == sanitising.QUOTED or weight == 2:
        return True
    if weight == 1 and context.answers:
        return repeats is not False
    return likely if repeats is None else repeats


def _announced(lines: Sequence[Line], start: int) -> bool:
    """ "When I run this:" right above: what follows is the writer's own example, unless this is an attribution."""
    above = next((lines[at].inner for at in range(start - 1, max(start - 4, -1), -1) if not lines[at].blank), "")
    return above.endswith((":", "："))


def _looks_quoted(group: Sequence[Line], pasted: bool, context: Context) -> bool:
    """In an answer: lines that are not between the writer's own words, or more lines than people paste."""
    if not context.answers or group[0].mark == sanitising.INDENTED:
        return False
    return not pasted or sum(_is_word(line) for line in group) >= MANY_LINES


def _keep_between_answers(lines: Sequence[Line], end: int, folding: Folding) -> None:
    """Quoted questions stay in the text if they are answered one by one."""
    marked = [bool(line.mark) and quoted for line, quoted in zip(lines, folding.quoted, strict=False)]
    written = [i for i in range(end) if not lines[i].blank and not marked[i] and not folding.quoted[i]]
    signature = next((i for i in written if signatures.begins_with_dashes(lines[i].text)), end)
    written = [i for i in written if i < signature]
    if not written:
        return
    answers = sum(any(marked[above:below]) for above, below in pairwise(written))
    around = any(marked[: written[0]]) or any(marked[written[-1] : end])
    if answers >= 2 or (answers == 1 and around):
        for at in range(written[-1]):
            if marked[at] and lines[at].mark:
                folding.quoted[at], folding.kept[at] = False, not lines[at].blank


def _is_word(line: Line) -> bool:
    return bool(re.search(r"\w", line.text[:400]))
