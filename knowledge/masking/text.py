"""A text as the patterns read it: plain digits, plain spaces and hyphens, at the same places as in the original."""

import re
import unicodedata
from dataclasses import dataclass

# Marks that nobody sees and that would hide a number from every pattern.
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
    """Without invisible marks."""
    return INVISIBLE.sub("", text)


@dataclass(frozen=True)
class Span:
    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Text:
    """`plain` for patterns that mind capitals, `low` for those that do not; both as long as the original."""

    plain: str
    low: str

    @classmethod
    def of(cls, text: str) -> "Text":
        plain = text if text.isascii() else text.translate(PLAIN)
        low = plain.lower()
        if len(low) != len(plain):  # some capitals become two characters
            low = "".join(small if len(small := each.lower()) == 1 else each for each in plain)
        return cls(plain, low)


def digits(value: str) -> str:
    return "".join(each for each in value if "0" <= each <= "9")


def bare(value: str) -> str:
    """Letters and figures only, capitals: as registers write a number."""
    return "".join(each for each in value if each.isalnum()).upper()
