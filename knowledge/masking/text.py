"""A text as the patterns read it: with plain digits, spaces and hyphens, at the same positions as in the original."""

import re
import unicodedata
from dataclasses import dataclass

# Invisible characters, which would hide a number from every pattern.
INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")


def _table() -> dict[int, str]:
    digits = {
        code: str(unicodedata.digit(chr(code)))
        for code in (*range(0x80, 0x10000), *range(0x1D7CE, 0x1D800))
        if chr(code).isdecimal()
    }
    spaces = {code: " " for code in (0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)}
    hyphens = {code: "-" for code in (*range(0x2010, 0x2016), 0x2212, 0xFE63, 0xFF0D)}
    wide = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if not chr(code).isdecimal() and code != 0xFF0D}
    return digits | spaces | wide | hyphens


PLAIN = _table()


def tidy(text: str) -> str:
    """Without invisible characters."""
    return INVISIBLE.sub("", text)


@dataclass(frozen=True)
class Span:
    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Word:
    """A word and what it is part of: probabilities of a person's name and of an address, and of which part of it."""

    start: int
    end: int
    name: float
    place: float
    part: str


@dataclass(frozen=True)
class Text:
    """`plain` for case-sensitive patterns, `low` for the others. Both are as long as the original."""

    plain: str
    low: str

    @classmethod
    def of(cls, text: str) -> "Text":
        plain = text if text.isascii() else text.translate(PLAIN)
        low = plain.lower()
        if len(low) != len(plain):  # a few capitals become two characters
            low = "".join(small if len(small := each.lower()) == 1 else each for each in plain)
        return cls(plain, low)


def digits(value: str) -> str:
    return "".join(each for each in value if "0" <= each <= "9")


def bare(value: str) -> str:
    """Only letters and digits, in capitals."""
    return "".join(each for each in value if each.isalnum()).upper()
