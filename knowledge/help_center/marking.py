"""The part of a passage that a result shows, with the words of the question highlighted. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from config.words.terms import spans
from knowledge.index.lexical import content_words, stem
from knowledge.text.markup import one_line

WINDOW = 260  # characters shown of a passage
LEAD = 60  # of them before the first matching word


class Piece(NamedTuple):
    text: str
    marked: bool


def excerpt(passage: str, query: str, window: int = WINDOW) -> list[Piece]:
    """Pieces in reading order; joined they are the part that is shown."""
    text = one_line(passage)
    wanted = {stem(word) for word in content_words(query)}
    hits = _joined((start, end) for start, end, word in spans(text) if stem(word) in wanted)
    start, end = _window(text, hits, window)
    pieces = _pieces(text, [hit for hit in hits if start <= hit[0] and hit[1] <= end], start, end)
    before, after = "… " if start else "", " …" if end < len(text) else ""
    return [piece for piece in [Piece(before, False), *pieces, Piece(after, False)] if piece.text]


def _joined(found: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Matches that overlap are one: scripts without spaces are matched by pairs of letters."""
    hits: list[tuple[int, int]] = []
    for start, end in found:
        if hits and start < hits[-1][1]:
            hits[-1] = (hits[-1][0], end)
        else:
            hits.append((start, end))
    return hits


def _window(text: str, hits: list[tuple[int, int]], window: int) -> tuple[int, int]:
    """Whole words around the first match; from the beginning if that shows it too."""
    first = hits[0][0] if hits else 0
    start = 0 if first < window - LEAD else _word_start(text, first - LEAD)
    end = start + window
    if end >= len(text):
        return start, len(text)
    cut = text.rfind(" ", start, end)
    return start, cut if cut > start else end


def _word_start(text: str, place: int) -> int:
    """Where the word at `place` begins; `place` itself where a script has no spaces."""
    space = text.rfind(" ", max(0, place - LEAD), place)
    return space + 1 if space >= 0 else place


def _pieces(text: str, hits: list[tuple[int, int]], start: int, end: int) -> list[Piece]:
    pieces, place = [], start
    for begin, stop in hits:
        pieces += [Piece(text[place:begin], False), Piece(text[begin:stop], True)]
        place = stop
    return [*pieces, Piece(text[place:end], False)]
