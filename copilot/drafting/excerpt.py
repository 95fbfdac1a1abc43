"""The words that a citation rests on, marked in the text around them, line by line."""

import re
from dataclasses import dataclass

from copilot.models import Citation
from knowledge.text import markup

AROUND = 400  # characters shown before and after
# Where the text around may begin and end.
BORDER = re.compile(r"\n+|(?<=[.!?])\s+(?=[^\sa-z])|(?<=[。！？])")
MARKS = re.compile(r"^\s*(?:#{1,6}\s+|(?:>\s?)+)")
FENCE = re.compile(r"^\s*(?:```|~~~)")


@dataclass(frozen=True)
class Piece:
    text: str
    marked: bool


Line = tuple[Piece, ...]


def excerpt(citation: Citation) -> list[Line]:
    """The cited unit with the text before and after it; alone if its chunk is gone. A chunk's text never changes."""
    chunk, start, end = citation.chunk, citation.start, citation.end
    if chunk and start is not None and end is not None and start < end <= len(chunk.text):
        return around(chunk.text, start, end)
    return lines(citation.excerpt, 0, len(citation.excerpt))


def around(text: str, start: int, end: int) -> list[Line]:
    first, last = _begin(text, start), _end(text, end)
    shown = lines(text[first:last], start - first, end - first)
    if shown and first:
        shown[0] = (Piece("… ", False), *shown[0])
    if shown and last < len(text.rstrip()):
        shown[-1] = (*shown[-1], Piece(" …", False))
    return shown


def _begin(text: str, start: int) -> int:
    """The first border in the AROUND characters before, the beginning of the text if that is nearer."""
    if start <= AROUND:
        return 0
    found = BORDER.search(text, start - AROUND, start)
    return found.end() if found else start


def _end(text: str, end: int) -> int:
    if len(text) - end <= AROUND:
        return len(text)
    found = [border.start() for border in BORDER.finditer(text, end, end + AROUND)]
    return found[-1] if found else end


def lines(text: str, start: int, end: int) -> list[Line]:
    """`text` without Markdown's signs, what stands between `start` and `end` marked; no lines without words."""
    shown = []
    place = 0
    for line in text.splitlines(keepends=True):
        pieces = _line(line.rstrip("\r\n"), max(start - place, 0), max(end - place, 0))
        if pieces:
            shown.append(pieces)
        place += len(line)
    return shown


def _line(line: str, start: int, end: int) -> Line:
    if not line.strip() or FENCE.match(line) or markup.is_rule(line):
        return ()
    if row := markup.ROW.match(line):
        cells = [cell.strip() for cell in row[1].split("|") if cell.strip()]
        return (Piece(_plain(" – ".join(cells)), start < len(line) and end > 0 and start < end),)
    point = markup.BULLET.match(line)
    head = point or MARKS.match(line)
    skipped = head.end() if head else 0
    start, end = max(start, skipped), max(end, skipped)
    cut = [Piece("• " if point else "", False), Piece(line[skipped:start], False)]
    cut += [Piece(line[start:end], True), Piece(line[end:], False)]
    return tuple(Piece(_plain(piece.text), piece.marked) for piece in cut if piece.text)


def _plain(text: str) -> str:
    return text.replace("`", "")
