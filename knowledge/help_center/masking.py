"""Masks personal data in what visitors type, before it is stored.

It masks more than `knowledge.masking`: nobody answers a visitor from what is stored, so masking too much does no harm.
Every longer number goes, and whatever looks like an account.
"""

import re

from knowledge.masking.forms import for_storage

# Each repetition is bounded, so that no input makes the regex engine backtrack for long.
EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]{1,254}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
IBAN = re.compile(r"\b[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?\b")
IBAN_DIGITS = 8  # at least: four-letter words after a code like BK40 are no account
# Seven digits or more, in any grouping: phone, card, account, order and passport numbers.
NUMBER = re.compile(r"\+?\(?\d(?:[ ./()\-\u00a0\u2010-\u2013]{0,2}\d){6,40}")
DIGITS = re.compile(r"\d{6,}")


def mask(text: str) -> str:
    """The text with placeholders, on one line."""
    line = for_storage(" ".join(text.replace("\x00", " ").split()))
    line = EMAIL.sub("<email>", line)
    line = IBAN.sub(_account, line)
    return " ".join(DIGITS.sub("<number>", NUMBER.sub("<number>", line)).split())


def _account(found: re.Match[str]) -> str:
    return "<account>" if sum(each.isdigit() for each in found[0]) >= IBAN_DIGITS else found[0]
