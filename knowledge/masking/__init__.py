"""Personal data and secrets in any text: what they are and where they stand. Pure, and linear in the text's length.

It lies in `knowledge` because gaps and the help center need it and the copilot, which may import `knowledge`, does too;
the other way round is not allowed. Who only keeps a text takes `mask`; who must put values back takes `find`, as
copilot.redaction does. Every pattern is bounded and begins where only few characters are, so that no text costs
more than its length.
"""

from collections.abc import Set

from knowledge.masking import contact, credentials, identity, labelled, links, money, network
from knowledge.masking.text import Span, Text, tidy

__all__ = ["KINDS", "Span", "find", "mask", "tidy"]

# What a placeholder may be called; copilot.redaction numbers them, a kept text has them in small letters.
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
)
# In this order: what is found first is not looked at again, so that a card number is no phone number.
FINDERS = (
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
    """Every value that must not be kept or shown to a model, in order, none inside another."""
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
    """The text with `<email>`, `<card>` and so on in place of the values, gone for good; `kept` kinds stay."""
    text = tidy(text)
    parts, at = [], 0
    for span in find(text):
        if span.kind in kept:
            continue
        parts += [text[at : span.start], f"<{span.kind.lower()}>"]
        at = span.end
    return "".join([*parts, text[at:]])
