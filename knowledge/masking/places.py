"""Street addresses, from the tagger's reading and from their forms (addresses.py): together they are whole. Pure.

A city alone stays: "do you deliver to Bergen" is a question, and a city of many thousands is nobody's address.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from knowledge.masking import addresses
from knowledge.masking.street_words import NO_STREETS, THINGS
from knowledge.masking.text import Span, Text, Word

PART, SURE = 0.3, 0.5  # least probability of a part of an address, and of one that needs a second beside it
# What may stand between two parts of an address: also the marks of a quotation, and one short word.
GAP = re.compile(r"[\s,.;:|>?/()–-]{0,12}(?:[^\W_]{1,12}\.?[\s,.;|>?/()–-]{1,8})?")
SEPARATORS = re.compile(r"[\s,.;|>?/()–-]{0,12}")
# "DOM-404" is a code of an error, not a flat.
CODE = re.compile(r"(?!(?:APT|STE|UNIT|FLAT|FL|RM|BLDG)-)[A-Z]{2,10}-[0-9]{1,6}")
STREET = frozenset({"STREET_NAME", "SECONDARY_ADDRESS"})


def find(text: Text, words: Sequence[Word]) -> Iterator[Span]:
    """Spans of kind ADDRESS, never overlapping."""
    formed = ((_behind_a_name(text, each, words), each.end) for each in addresses.find(text))
    found = [*_tagged(text, words), *formed]
    return addresses.merged(found, lambda end, start: bool(SEPARATORS.fullmatch(text.plain, end, start)))


def _behind_a_name(text: Text, address: Span, words: Sequence[Word]) -> int:
    """Where an address starts: "Petra Novak, Mill Lane 5" begins with a name, which is masked as one."""
    start = address.start
    for word in words:
        if word.start >= start and word.end < address.end and word.name >= SURE and word.name > word.place:
            if not SEPARATORS.fullmatch(text.plain, start, word.start):
                break
            start = word.end
    return address.start if start == address.start else SEPARATORS.match(text.plain, start).end()  # type: ignore[union-attr]


def _tagged(text: Text, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    for run in _runs(text, [word for word in words if word.place >= PART and word.place > word.name]):
        if _is_address(text, run):
            yield run[0].start, run[-1].end


def _runs(text: Text, words: Sequence[Word]) -> Iterator[list[Word]]:
    run = list(words[:1])
    for last, word in pairwise(words):
        if not GAP.fullmatch(text.plain, last.end, word.start):
            yield run
            run = []
        run.append(word)
    if run:
        yield run


def _is_address(text: Text, run: Sequence[Word]) -> bool:
    """A street or flat with a number, or a postcode with a city; never "Chrome 120"."""
    written = [text.low[word.start : word.end] for word in run]
    if not any(each.isdigit() for part in written for each in part):
        return False
    if CODE.fullmatch(text.plain, run[0].start, run[-1].end):
        return False
    sure = {word.part for word in run if word.place >= SURE}
    if sure & STREET:
        return not (THINGS | NO_STREETS).intersection(written) and any(part.isalpha() for part in written)
    return {"ZIP_CODE", "CITY"} <= sure
