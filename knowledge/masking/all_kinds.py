"""All that is personal in a text: what has a form, street addresses, and names of people. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence

from knowledge.masking import find, names, people
from knowledge.masking.text import Span, Text, Word

EDGES = " \t\r\n,;.:>|-–"  # of a piece of an address or a name: they stay


def find_all(text: str, words: Sequence[Word], own: Iterable[Span] = (), others: Iterable[Span] = ()) -> list[Span]:
    """Also street addresses and names of people, in order, never overlapping.

    `words`: the tagger's reading of the text; without it less is found. `own`: what the caller knows to be the
    customer's; it comes before names that are only likely. `others`: names that it has seen before; they come last.
    """
    # Not imported above: its patterns take a third of a second to compile, and no process should start later for that.
    from knowledge.masking import places

    found = _outside(text, find(text), places.find(Text.of(text), words))
    found = _outside(text, found, own, whole=True)
    found = _outside(text, found, people.find(text, words))
    return _outside(text, found, others)


def _outside(text: str, found: Sequence[Span], more: Iterable[Span], whole: bool = False) -> list[Span]:
    """`found`, and of `more` what lies outside: pieces of spans, or with `whole` only whole spans."""
    taken = bytearray(len(text))
    both = list(found)
    for span in found:
        taken[span.start : span.end] = b"\x01" * (span.end - span.start)
    for span in more:
        pieces = [(span.start, span.end)] if whole else _pieces(text, span, taken)
        for start, end in pieces:
            if end > start and not any(taken[start:end]):
                taken[start:end] = b"\x01" * (end - start)
                both.append(Span(start, end, span.kind))
    return sorted(both, key=lambda span: span.start)


def _pieces(text: str, span: Span, taken: bytearray) -> Iterator[tuple[int, int]]:
    """The pieces of a span that no other has taken, if they say anything."""
    for found in re.finditer(b"\x00+", bytes(taken[span.start : span.end])):
        start, end = span.start + found.start(), span.start + found.end()
        piece = text[start:end]
        if end - start == span.end - span.start:
            yield start, end
        elif sum(map(str.isalnum, piece)) > 1 and not names.is_title(piece):
            yield start + len(piece) - len(piece.lstrip(EDGES)), end - (len(piece) - len(piece.rstrip(EDGES)))
