"""Which lines of a mail are a quotation. Pure.

A quotation follows a line that says who wrote it, or a header block, or repeats what was said on the ticket.
A `>` alone makes none: in the first mail of a ticket there is nothing to quote, and people paste prompts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tickets.mail import words
from tickets.mail.html import sanitising
from tickets.mail.quoting import attribution, header_blocks, signatures
from tickets.mail.quoting.lines import ANGLED, Known, Line

MANY = 6  # marked lines one after the other
MAX_COMPARED = 200
MAX_ANNOUNCED = 300
MAX_ABOVE = 20


@dataclass(frozen=True)
class Mail:
    """What is known of the mail besides its text. `answers`: it continues a conversation."""

    answers: bool = True
    forwarded: bool = False
    subject: str = ""
    known: Known = field(default_factory=Known)


@dataclass(frozen=True)
class Introduction:
    """`sure`: what follows is quoted even where nothing marks it. `weight`: as of an attribution; headers have 2."""

    start: int
    stop: int
    sure: bool
    weight: int


@dataclass
class Folding:
    """`quoted` lines leave the text; `context` are quoted lines that stay, between the answers to them."""

    quoted: list[bool]
    context: list[bool]


def fold(lines: Sequence[Line], mail: Mail) -> Folding:
    folding = Folding([False] * len(lines), [False] * len(lines))
    if mail.forwarded:
        return folding
    end = _from_news_on(lines)
    introduced, end = _introductions(lines[:end], mail, folding)
    groups = [group for group in _groups(lines, end) if not folding.quoted[group[0]]]
    _judge(lines, groups, introduced, mail, folding)
    _keep_between_answers(lines, end, folding)
    return folding


def _from_news_on(lines: Sequence[Line]) -> int:
    """Where a forwarded mail begins, unless it lies within a quotation: from there on all is text."""
    mark = header_blocks.forward_mark(lines)
    if mark is None or lines[mark].mark == ANGLED:
        return len(lines)
    return mark


def find_introductions(lines: Sequence[Line], subject: str) -> list[Introduction]:
    found = [Introduction(one.start, one.stop, one.sure, one.weight) for one in attribution.find(lines)]
    found += [Introduction(one.start, one.stop, True, 2) for one in header_blocks.find(lines, subject)]
    found += [Introduction(at, at + 1, True, 2) for at in header_blocks.separators(lines)]
    return sorted(found, key=lambda one: (one.start, -one.stop))


def _introductions(lines: Sequence[Line], mail: Mail, folding: Folding) -> tuple[dict[int, Introduction], int]:
    """Marked line → the introduction right above or in it; and the line from which on everything is quoted."""
    introduced: dict[int, Introduction] = {}
    written = False
    at = 0
    for one in find_introductions(lines, mail.subject):
        written = written or any(_is_word(line) and not line.mark for line in lines[at : one.start])
        at = max(at, one.stop)
        below = next((i for i in range(one.stop, min(one.stop + 4, len(lines))) if not lines[i].blank), len(lines))
        if lines[one.start].mark:
            introduced.setdefault(one.start, one)
        elif below < len(lines) and lines[below].mark:
            introduced[below] = one
        elif one.sure and mail.answers and written and not _answered_inside(lines[: one.start]):
            folding.quoted[one.start :] = [True] * (len(folding.quoted) - one.start)
            return introduced, one.start
    return introduced, len(lines)


def _answered_inside(above: Sequence[Line]) -> bool:
    """ "See my answers below, in red": what follows holds answers that nothing marks."""
    if len(above) > MAX_ABOVE:
        return False
    said = words.plain(" ".join(line.text[: MAX_ANNOUNCED + 1] for line in above))
    return len(said) <= MAX_ANNOUNCED and bool(words.within("inside").search(said))


def _groups(lines: Sequence[Line], end: int) -> list[tuple[int, int]]:
    """(first line, line after) of lines that are marked one after the other."""
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
    mail: Mail,
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
        likely = before or _looks_quoted(lines[start:stop], pasted or bool(above and below), mail)
        if _is_quotation(lines[start:stop], above, mail, likely):
            before = True
            for first, last in [(start, stop), *((one.start, one.stop) for one in above)]:
                folding.quoted[first:last] = [True] * (last - first)


def _is_quotation(group: Sequence[Line], above: Sequence[Introduction], mail: Mail, likely: bool) -> bool:
    repeats = mail.known.repeats(line.inner for line in group[:MAX_COMPARED])
    weight = max((one.weight for one in above), default=0)
    if group[0].mark == sanitising.QUOTED or weight == 2:
        return True
    if weight == 1 and mail.answers:
        return repeats is not False
    return likely if repeats is None else repeats


def _announced(lines: Sequence[Line], start: int) -> bool:
    """ "When I run this:" right above: the writer's own example, if it is no attribution."""
    above = next((lines[at].inner for at in range(start - 1, max(start - 4, -1), -1) if not lines[at].blank), "")
    return above.endswith((":", "："))


def _looks_quoted(group: Sequence[Line], pasted: bool, mail: Mail) -> bool:
    """In an answer: what does not stand between words of the writer's own, or is more than anybody pastes."""
    if not mail.answers or group[0].mark == sanitising.INDENTED:
        return False
    return not pasted or sum(_is_word(line) for line in group) >= MANY


def _keep_between_answers(lines: Sequence[Line], end: int, folding: Folding) -> None:
    """Questions that are answered one by one stay where they are."""
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
                folding.quoted[at], folding.context[at] = False, not lines[at].blank


def _is_word(line: Line) -> bool:
    return bool(re.search(r"\w", line.text[:400]))
