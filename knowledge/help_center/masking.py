"""Personal data out of what visitors type, before it is kept. Patterns only; pure.

The copilot's redaction knows the customer and checks checksums; here nobody is known, so the
rule is simpler and errs on the side of masking: addresses, long numbers, card and account numbers.
"""

import re

# Each run is bounded, so that no input makes the engine try again and again.
EMAIL = re.compile(r"[\w.+%'-]{1,254}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
IBAN = re.compile(r"\b[A-Za-z]{2}\d{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?\b")
IBAN_DIGITS = 8  # least: four-letter words after an article's code are no account
# Seven digits and more, however they are grouped: phone, card, account, order and passport numbers.
NUMBER = re.compile(r"\+?\(?\d(?:[ ./()\-\u00a0\u2010-\u2013]{0,2}\d){6,40}")
DIGITS = re.compile(r"\d{6,}")


def mask(text: str) -> str:
    """The text with placeholders, on one line."""
    line = EMAIL.sub("<email>", " ".join(text.replace("\x00", " ").split()))
    line = IBAN.sub(_account, line)
    return DIGITS.sub("<number>", NUMBER.sub("<number>", line))


def _account(found: re.Match[str]) -> str:
    return "<account>" if sum(each.isdigit() for each in found[0]) >= IBAN_DIGITS else found[0]
