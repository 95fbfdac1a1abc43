"""Finds personal data and secrets in any text. Pure; time is linear in the text.

In `knowledge`, because gaps and the help center need it, and the copilot may import `knowledge` but not the other way
round. `find` finds what has a form: numbers, keys, links. `all_kinds` finds names of people and street addresses too,
from the reading of a small model (tagger.py); `forms` does that for a text that is searched or stored. Who must put the
values back later uses the spans (copilot.redaction). Every pattern has a maximum length and starts only at few
characters, which keeps the time linear. Every process imports this for its log, so it imports no model.
"""

from collections.abc import Callable, Iterable, Set

from knowledge.masking import contact, credentials, identity, labelled, links, money, network
from knowledge.masking.text import Span, Text, tidy

__all__ = ["KINDS", "Span", "find", "kind_of", "mask", "replaced", "tidy"]

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
    taken = bytearray(len(text))
    found: list[Span] = []
    for finder in FINDERS:
        for span in finder(read):
            if span.end > span.start and not any(taken[span.start : span.end]):
                taken[span.start : span.end] = b"\x01" * (span.end - span.start)
                found.append(span)
    return sorted(found, key=lambda span: span.start)


def mask(text: str, kept: Set[str] = frozenset()) -> str:
    """The text with `<email>`, `<card>` and so on instead of what `find` finds, which is lost. `kept` kinds stay."""
    text = tidy(text)
    return replaced(text, [span for span in find(text) if span.kind not in kept], kind_of)


def kind_of(span: Span) -> str:
    return f"<{span.kind.lower()}>"


def replaced(text: str, spans: Iterable[Span], instead: Callable[[Span], str]) -> str:
    """The text with something else instead of each span. They are in order and do not overlap."""
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], instead(span)]
        at = span.end
    return "".join([*parts, text[at:]])
