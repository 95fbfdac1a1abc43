"""Masks what is obviously personal before any model sees it, and puts it back on the agent's screen.

First form: the customer's own record (exact) and patterns for addresses, phone and card numbers.
The mapping is never stored: it is made again from the same texts, so that it lives nowhere else.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
CARD = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
PHONE = re.compile(r"(?<![\w/.,-])(?:\+|00)\d[\d ()/.-]{6,}\d(?!\w)|(?<![\w/.,-])0\d{2,4}[ /-]\d[\d -]{4,}\d(?!\w)")
PLACEHOLDER = re.compile(r"<((?:FULL_)?NAME|SURNAME|(?:EMAIL|PHONE|CARD)(?:_\d+)?)>")
# First names that are also words: masked only where written with a capital letter.
WORD_NAMES = {
    "will",
    "mark",
    "may",
    "june",
    "rose",
    "grace",
    "hope",
    "bill",
    "sue",
    "art",
    "rich",
    "pat",
    "jack",
    "bob",
}
# Words that are part of names but far too common to mask on their own.
PARTICLES = {"de", "la", "van", "von", "der", "den", "del", "di", "da", "le", "mr", "mrs", "ms", "dr", "and", "the"}


@dataclass(frozen=True)
class Person:
    """The customer's own record, as far as it identifies them."""

    name: str = ""
    email: str = ""
    phone: str = ""


def without_placeholders(text: str) -> str:
    """Who types "<NAME>" into a mail or an article must not be able to name a value with it."""
    return PLACEHOLDER.sub(lambda found: f"({found.group(1).lower()})", text)


def luhn(digits: str) -> bool:
    """Checksum of payment card numbers (ISO/IEC 7812-1, annex B)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


class Masker:
    """Replaces personal values by placeholders, the same value always by the same one."""

    def __init__(self, person: Person) -> None:
        self.values: dict[str, str] = {}
        self.person = person
        self.rules: list[tuple[re.Pattern[str], str]] = []
        if person.email:
            self.values["EMAIL"] = person.email
        if len(re.sub(r"\D", "", person.phone)) >= 6:
            self.values["PHONE"] = person.phone
            digits = re.sub(r"\D", "", person.phone)
            self.rules.append((re.compile(r"(?<!\d)\+?" + r"[\s()/.-]*".join(digits) + r"(?!\d)"), "PHONE"))
        self._names(person.name)

    def _own(self, placeholder: str, value: str) -> None:
        self.values[placeholder] = value
        flags = re.NOFLAG if value.lower() in WORD_NAMES else re.IGNORECASE
        self.rules.append((re.compile(rf"(?<!\w){re.escape(value)}(?!\w)", flags), placeholder))

    def _names(self, name: str) -> None:
        parts = [part for part in name.split() if len(part) > 1 and part.lower().strip(".") not in PARTICLES]
        if not parts:
            return
        if len(parts) > 1:
            self._own("FULL_NAME", name)
            self._own("SURNAME", parts[-1])
        self._own("NAME", parts[0])

    def mask(self, text: str) -> str:
        """`text` with every known or recognised personal value replaced."""
        text = without_placeholders(text)
        # Addresses before names: a name inside somebody else's address is part of that address.
        text = EMAIL.sub(lambda found: self._numbered("EMAIL", found.group()), text)
        for pattern, placeholder in self.rules:
            text = pattern.sub(f"<{placeholder}>", text)
        text = CARD.sub(self._card, text)
        return PHONE.sub(lambda found: self._numbered("PHONE", found.group()), text)

    def _card(self, found: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", found.group())
        return self._numbered("CARD", found.group()) if luhn(digits) else found.group()

    def _numbered(self, kind: str, value: str) -> str:
        for placeholder, known in self.values.items():
            if known.lower() == value.lower():
                return f"<{placeholder}>"
        number = sum(1 for placeholder in self.values if re.fullmatch(rf"{kind}_\d+", placeholder)) + 1
        self.values[f"{kind}_{number}"] = value
        return f"<{kind}_{number}>"

    def restore(self, text: str) -> str:
        """Placeholders back to values; one that stands for nothing stays as it is."""
        return restore(text, self.values)

    @property
    def kinds(self) -> dict[str, str]:
        """placeholder -> kind, without the values: what the generation record keeps."""
        return {placeholder: placeholder.split("_")[0].lower() for placeholder in self.values}


def restore(text: str, values: dict[str, str]) -> str:
    return PLACEHOLDER.sub(lambda found: values.get(found.group(1), found.group()), text)


def masker_for(person: Person, texts: Iterable[str]) -> Masker:
    """A masker that has seen `texts` in order, so that its numbering is the same each time."""
    masker = Masker(person)
    for text in texts:
        masker.mask(text)
    return masker
