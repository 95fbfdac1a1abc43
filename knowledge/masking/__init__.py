"""Finds personal data and secrets in any text. Pure; time is linear in the text.

In `knowledge`, because gaps and the help center need it, and the copilot may import `knowledge` but not the other way
round. `find` finds what has a form: numbers, keys, links. `find_all` also names of people and street addresses, for
which it needs the tagger's reading of the text (tagger.py). `mask_all` is for a text that is stored; who must put the
values back later uses the spans (copilot.redaction). Every pattern has a maximum length and starts only at few
characters, which keeps the time linear.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set

from knowledge.masking import contact, credentials, identity, labelled, links, money, network, people, places, tagger
from knowledge.masking.tagger import Word
from knowledge.masking.text import Span, Text, tidy

__all__ = ["KINDS", "Span", "find", "find_all", "mask", "mask_all", "tidy"]

# The names of placeholders. copilot.redaction numbers them; `mask` writes them in lower case.
KINDS = (
    "LINK",
    "KEY",
    "PASSWORD",
    "CODE",
    "EMAIL",
    "IBAN",
    "BIC",
    "CARD",
    "ACCOUNT",
    "WALLET",
    "BIRTHDATE",
    "PASSPORT",
    "TAX",
    "ID",
    "IP",
    "MAC",
    "PHONE",
    "ADDRESS",
    "PERSON",
)
EDGES = " \t\r\n,;.:>|-–"  # of a piece of an address or a name: they stay
# In this order: what is found first is not looked at again, so that a card number is no phone number.
FINDERS: tuple[Callable[[Text], Iterable[Span]], ...] = (
    links.find,
    credentials.find_keys,
    credentials.find_passwords,
    contact.find_addresses,
    money.find_accounts,
    money.find_cards,
    credentials.find_codes,
    labelled.find,
    identity.find,
    network.find,
    contact.find_phones,
)


def find(text: str) -> list[Span]:
    """All values that their form or a word before them shows, in order, never overlapping."""
    read = Text.of(text)
    return _outside(text, [], (span for finder in FINDERS for span in finder(read)), whole=True)


def find_all(text: str, words: Sequence[Word], own: Iterable[Span] = ()) -> list[Span]:
    """Also street addresses and names of people, in order, never overlapping.

    `words`: the tagger's reading of the text; without it less is found. `own`: what the caller knows to be personal,
    such as the name of the customer; it comes before names that are only likely.
    """
    found = _outside(text, find(text), places.find(Text.of(text), words))
    found = _outside(text, found, own, whole=True)
    return _outside(text, found, people.find(text, words))


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
        elif sum(map(str.isalnum, piece)) > 1 and not people.is_title(piece):
            yield start + len(piece) - len(piece.lstrip(EDGES)), end - (len(piece) - len(piece.rstrip(EDGES)))


def mask(text: str, kept: Set[str] = frozenset()) -> str:
    """The text with `<email>`, `<card>` and so on instead of what `find` finds, which is lost. `kept` kinds stay."""
    text = tidy(text)
    return _replaced(text, [span for span in find(text) if span.kind not in kept])


def mask_all(text: str) -> str:
    """The text with `<email>`, `<person>` and so on instead of all that the rules and the tagger find."""
    text = tidy(text)
    return _replaced(text, find_all(text, tagger.words(text)))


def _replaced(text: str, spans: Sequence[Span]) -> str:
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], f"<{span.kind.lower()}>"]
        at = span.end
    return "".join([*parts, text[at:]])
