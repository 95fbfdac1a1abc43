"""Which parts of a Markdown text are code: fences, indented blocks, spans. Pure; time is linear in the text.

Code is shown to readers as it is: no markup is removed from it.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator

from knowledge.text.parsing import blocks

OPENING = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?P<mark>`{3,}|~{3,})(?P<rest>[^\n]*)$")
CLOSING = re.compile(r"[ \t>]*(?P<mark>`{3,}|~{3,})[ \t]*$")
_BOX = "(?:div|section|details|article|aside|ul|ol|table|[A-Z][A-Za-z]+)"
BOX, BOX_END = re.compile(rf"<{_BOX}(?=[\s>])(?![^<>]*/>)"), re.compile(rf"</{_BOX}>")
TAG = re.compile(r"[ \t]*</?[A-Za-z]")
TICKS = re.compile(r"`+")
UNESCAPED = re.compile(r"\\\\.|(?P<ticks>`+)", re.DOTALL)
Closings = dict[str, list[tuple[int, int]]]  # by character: (line, length) of each line that may close a fence
BLANK = re.compile(r"\n[ \t]*(?=\n)")


def fence_end(lines: list[str], number: int, closings: Closings) -> int | None:
    """The last line of the fence that begins here. An unclosed fence goes to the end of the text, as in CommonMark."""
    line = lines[number]
    if "```" not in line and "~~~" not in line:
        return None
    opening = OPENING.match(line)
    if opening is None or (opening["mark"][0] == "`" and "`" in opening["rest"]):
        return None
    listed = closings[opening["mark"][0]]
    for at, length in listed[bisect_left(listed, (number + 1, 0)) :][:200]:
        if length >= len(opening["mark"]):
            return at
    return None if ">" in line[: opening.start("mark")] else len(lines) - 1


def fence_closings(lines: list[str]) -> Closings:
    found: Closings = {"`": [], "~": []}
    for number, line in enumerate(lines):
        if ("```" in line or "~~~" in line) and (match := CLOSING.match(line)):
            found[match["mark"][0]].append((number, len(match["mark"])))
    return found


def pieces(lines: list[str], fenced: list[bool]) -> Iterator[tuple[bool, str]]:
    """`(is it code, text)` in order. Joined they are the whole text."""
    code = _with_indented(lines, fenced)
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and code[end] == code[start]:
            end += 1
        part = "\n".join(lines[start:end])
        yield code[start], part if end == len(lines) else part + "\n"
        start = end


def _with_indented(lines: list[str], fenced: list[bool]) -> list[bool]:
    if not any("    " in line or "\t" in line for line in lines):
        return fenced
    code, depth = list(fenced), _depths(lines, fenced)
    for token in blocks("\n".join(lines)):
        if token.type == "code_block" and token.map and not (depth[token.map[0]] and TAG.match(lines[token.map[0]])):
            start, end = token.map
            code[start:end] = [True] * (end - start)
    return code


def _depths(lines: list[str], fenced: list[bool]) -> list[int]:
    """How many HTML boxes or components are open at each line. Indented tags inside them are not code."""
    depths, depth = [], 0
    for line, is_code in zip(lines, fenced, strict=True):
        depths.append(depth)
        if "<" in line and not is_code:
            depth = max(0, depth + len(BOX.findall(line)) - len(BOX_END.findall(line)))
    return depths


class Ticks:
    """Pairs runs of backticks as CommonMark does: of equal length, with no blank line between them."""

    def __init__(self, prose: str) -> None:
        self.by_length: dict[int, list[int]] = defaultdict(list)
        for found in TICKS.finditer(prose):
            self.by_length[found.end() - found.start()].append(found.start())
        self.blanks = [found.start() for found in BLANK.finditer(prose)] if self.by_length else []

    def close(self, start: int, end: int) -> int | None:
        """The place after the run that closes the one from `start` to `end`."""
        alike = self.by_length.get(end - start, [])
        after = bisect_left(alike, end)
        if after == len(alike):
            return None
        blank = bisect_left(self.blanks, end)
        if blank < len(self.blanks) and self.blanks[blank] < alike[after]:
            return None
        return alike[after] + end - start


def spans(prose: str) -> list[tuple[int, int]]:
    """Start and end of each code span."""
    if "`" not in prose:
        return []
    ticks, found, place = Ticks(prose), [], 0
    while run := UNESCAPED.search(prose, place):
        place = run.end()
        if run["ticks"] and (close := ticks.close(run.start(), run.end())):
            found.append((run.start(), close))
            place = close
    return found


def outside_code(text: str, treat: Callable[[str], str]) -> str:
    """Applies `treat` to everything that is not code. Code and line ends stay as they are."""
    lines = text.replace("\r\n", " \n").replace("\r", "\n").split("\n")
    out: list[str] = []
    place = 0
    for code, part in pieces(lines, _fenced(lines)):
        done = place
        for start, end in [] if code else [*spans(part), (len(part), len(part))]:
            out += [treat(text[done : place + start]), text[place + start : place + end]]
            done = place + end
        out += [text[place : place + len(part)]] if code else []
        place += len(part)
    return "".join(out)


def _fenced(lines: list[str]) -> list[bool]:
    fenced, closings, number = [False] * len(lines), fence_closings(lines), 0
    while number < len(lines):
        end = fence_end(lines, number, closings)
        last = number if end is None else end
        fenced[number : last + 1] = [end is not None] * (last + 1 - number)
        number = last + 1
    return fenced
