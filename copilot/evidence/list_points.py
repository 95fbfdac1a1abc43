"""One point of a Markdown list as lines of plain text. Pure, linear time."""

import re

from copilot.evidence.plain_words import plain

POINT = re.compile(r"- |\d+\. ")  # how the points begin that `point` makes
_MARK = re.compile(r"[ \t]*(?:[-*+]|(?P<number>\d{1,9})[.)])(?:[ \t]+|$)(?:\[[ xX]\][ \t]+)?")
_QUOTE = re.compile(r"^[ \t]*(?:>[ \t]*)+(?:\[!\w+\][ \t]*)?")
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
INDENT = "  "


def point(markdown: str, number: int) -> tuple[int, str]:
    """`(its number, "2. Choose a format")`, with the points inside it on lines of their own.

    `number` is that of the point before. Many authors write "1." before each step.
    """
    mark = _MARK.match(markdown)
    given = mark["number"] if mark else None
    number = max(number + 1, int(given or 0))
    lines = _lines(markdown[mark.end() :] if mark else markdown)
    said = [text for text in lines if text.strip()]
    first = f"{number}. " if given else "- "
    return number, "\n".join([first + said[0], *said[1:]]) if said else ""


def _lines(markdown: str) -> list[str]:
    """Lines that a reader sees. What only continues a line belongs to it; code keeps its lines."""
    gathered: list[tuple[str, list[str]]] = [("", [])]
    in_code = False
    for place, line in enumerate(markdown.split("\n")):
        if _FENCE.match(line):
            in_code = not in_code
            gathered.append(("", []))
        elif in_code:
            gathered.append((line, []))
        elif place and (mark := _MARK.match(line)):
            sign = f"{mark['number']}." if mark["number"] else "-"
            gathered.append((f"{INDENT}{sign} ", [line[mark.end() :]]))
        else:
            gathered[-1][1].append(_QUOTE.sub("", line, count=1))
    return [start + plain("\n".join(texts)) for start, texts in gathered]
