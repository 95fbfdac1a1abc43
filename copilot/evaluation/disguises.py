"""Whether a text stands in another one for a reader, whatever its letters look like to a program. Pure."""

import base64
import binascii
import html
import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from urllib.parse import unquote

LEAST_LETTERS, LEAST_WIDE = 6, 4  # letters and digits that are compared whatever stands between them
LEAST_ACROSTIC = 4
TAGS = range(0xE0020, 0xE007F)  # invisible characters that mirror ASCII
TURNED = "\u202e"  # what follows is shown from right to left
_SEEN_ALIKE = str.maketrans("аеорсухіјѕԁһАВЕКМНОРСТХ", "aeopcyxijsdhABEKMHOPCTX")
_MARKS = {"'": "’‘‚‛´`", '"': "“”„«»‟", "-": "‐‑‒–—−"}
_USUAL = str.maketrans({each: usual for usual, others in _MARKS.items() for each in others})
_UNSEEN = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SPELLED = re.compile(r"(?<!\w)\w(?:[\s.·*_-]{1,2}\w){3,}(?!\w)")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_SEVERAL = re.compile(r"[^\W_][\W_]+[^\W_]")
_OUTSIDE = re.compile(r"^([\W_]*).*?([\W_]*)$")  # "contents of ticket 5:" ends with what makes it an answer
_DOT = re.compile(r"\s*(?:\[\.\]|\(\.\)|[\[(]dot[\])])\s*", re.IGNORECASE)


def stands(words: str, text: str) -> bool:
    """Words of which a reader sees nothing are looked for as they are."""
    wanted = normal(words)
    if not wanted:
        return words in text
    if any(_in(wanted, each) for each in readings(text)):
        return True
    return _in_pieces(wanted, normal(text)) or _in_acrostic(wanted, text)


def normal(text: str) -> str:
    """In small letters, each in its usual form, without invisible characters and doubled white space."""
    same = unicodedata.normalize("NFKC", text).translate(_SEEN_ALIKE).translate(_USUAL)
    seen = "".join(each for each in _UNSEEN.sub("", same) if unicodedata.category(each) != "Cf")
    return " ".join(seen.casefold().split())


@lru_cache(maxsize=64)
def readings(text: str) -> tuple[str, ...]:
    """The text, and what a reader or a browser makes of it."""
    return tuple(dict.fromkeys(_readings(text)))


def _readings(text: str) -> Iterator[str]:
    plain = normal(text)
    yield plain
    yield normal(html.unescape(text))
    yield normal(unquote(text))
    yield normal(_DOT.sub(".", text))
    yield normal("".join(chr(ord(each) - 0xE0000) if ord(each) in TAGS else each for each in text))
    yield _SPELLED.sub(lambda found: re.sub(r"[\W_]", "", found[0]), plain)
    yield from (normal(each) for each in _decoded(text))
    if TURNED in text:
        yield plain[::-1]


def _in(wanted: str, text: str) -> bool:
    return re.search(_whole_numbers(wanted, re.escape(wanted)), text) is not None


def _whole_numbers(wanted: str, pattern: str) -> str:
    """A number is not a part of a longer one."""
    return f"{'(?<![0-9])' if wanted[0].isdigit() else ''}{pattern}{'(?![0-9])' if wanted[-1].isdigit() else ''}"


def _in_pieces(wanted: str, text: str) -> bool:
    """Whatever stands between its letters; not of one word, which is found in "your son"."""
    letters = [each for each in wanted if each.isalnum()]
    wide = _WIDE.search(wanted)
    if len(letters) < (LEAST_WIDE if wide else LEAST_LETTERS) or not (wide or _SEVERAL.search(wanted)):
        return False
    before, after = _OUTSIDE.findall(wanted)[0]
    pattern = re.escape(before) + r"[\W_]*".join(letters) + re.escape(after)
    return re.search(_whole_numbers(wanted, pattern), text) is not None


def _in_acrostic(wanted: str, text: str) -> bool:
    first = "".join(line.strip()[0] for line in text.splitlines() if line.strip())
    return wanted.isalpha() and len(wanted) >= LEAST_ACROSTIC and wanted in normal(first)


def _decoded(text: str) -> Iterator[str]:
    for found in _BASE64.finditer(text):
        letters = found[0].rstrip("=")
        try:
            yield base64.b64decode(letters + "=" * (-len(letters) % 4), altchars=b"-_", validate=False).decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            continue
