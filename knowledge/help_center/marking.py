"""A passage cut to the part that answers, with the words of the question marked. Pure."""

import re
from typing import NamedTuple

from knowledge.lexical import content_words, stem
from knowledge.markup import one_line

WINDOW = 260  # characters shown of a passage
LEAD = 60  # of them before the first matching word
WORD = re.compile(r"\w+(?:['’]\w+)*")


class Piece(NamedTuple):
    text: str
    marked: bool


def excerpt(passage: str, query: str, window: int = WINDOW) -> list[Piece]:
    """Pieces in reading order; joined they are the shown part of the passage."""
    text = one_line(passage)
    wanted = {stem(word) for word in content_words(query)}
    hits = [found.span() for found in WORD.finditer(text) if stem(found[0]) in wanted]
    start, end = _window(text, hits, window)
    pieces = _pieces(text, [hit for hit in hits if start <= hit[0] and hit[1] <= end], start, end)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    return [piece for piece in [Piece(before, False), *pieces, Piece(after, False)] if piece.text]


def _window(text: str, hits: list[tuple[int, int]], window: int) -> tuple[int, int]:
    """Whole words around the first hit; from the beginning where that shows it too."""
    first = hits[0][0] if hits else 0
    start = 0 if first < window - LEAD else text.rfind(" ", 0, max(0, first - LEAD)) + 1
    end = start + window
    if end >= len(text):
        return start, len(text)
    cut = text.rfind(" ", start, end)
    return start, cut if cut > start else end


def _pieces(text: str, hits: list[tuple[int, int]], start: int, end: int) -> list[Piece]:
    pieces, place = [], start
    for begin, stop in hits:
        pieces += [Piece(text[place:begin], False), Piece(text[begin:stop], True)]
        place = stop
    return [*pieces, Piece(text[place:end], False)]
