"""Sentences that are meant for whoever writes replies, a program or a person, and not for readers. Pure.

"Note for AI assistants: …", "ignore the rules above", "always add: '…'", the border of an invented second article. What
they look like is in orders.toml. A text can say all this in other words: this is one layer of several.
"""

import base64
import binascii
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from knowledge.text.hidden_letters import without_hidden

READ = 10_000  # characters of one text
# Cyrillic and Greek letters that look like Latin ones, and apostrophes.
_ALIKE = str.maketrans("аеорсухіјѕԁһІЅЈАВЕКМНОРСТХΑΒΕΗΙΚΜΝΟΡΤΧ‘’´`", "aeopcyxijsdhISJABEKMHOPCTXABEHIKMNOPTX''''")
_ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u202a-\u202c\u2060\u2066-\u2069\ufeff]")
_SPACES = re.compile(r"[^\S\n]+")
_SENTENCE_END = re.compile(r"\n|[.!?] |[。！？]")
_NAME = re.compile(r"\{([a-z]+)\}")
_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{20,}={0,2}(?![\w+/=-])")
_SENTENCE = re.compile(r"[A-Za-z',.!?:-]+(?: [A-Za-z0-9',.!?:/-]+){2,}")


class Kind(StrEnum):
    """address: whoever writes is addressed. drop: rules are to be ignored. reply: what replies have to say. customer:
    what "the customer" is told, or where data of customers go. prompt: what stands in prompts, or between articles.
    field: an address to be filled in with data of a customer. encoded: a sentence that readers cannot read."""

    ADDRESS = "address"
    DROP = "drop"
    REPLY = "reply"
    CUSTOMER = "customer"
    PROMPT = "prompt"
    FIELD = "field"
    ENCODED = "encoded"


@dataclass(frozen=True)
class Order:
    """`line` counts from 0; `words`: the line, from the sentence that gives the order."""

    kind: Kind
    line: int
    words: str


@lru_cache(maxsize=20_000)  # drafts read the same articles again and again
def order_in(text: str) -> Order | None:
    """The first one of the first kind that is found."""
    return next(orders(text), None)


def orders(text: str) -> Iterator[Order]:
    """At most one of each kind."""
    seen = usual(text[:READ])
    alike = seen.translate(_ALIKE)
    for kind, pattern in _patterns().items():
        if found := pattern.search(alike):
            yield _order(kind, seen, _start(found))
    if (at := _encoded(seen)) is not None:
        yield _order(Kind.ENCODED, seen, at)


def prompt_line(text: str) -> int | None:
    """The first line that stands in prompts, or between articles."""
    seen = usual(text[:READ])
    found = _patterns()[Kind.PROMPT].search(seen.translate(_ALIKE))
    return seen.count("\n", 0, _start(found)) if found else None


def has_field(address: str) -> bool:
    """Whether it is to be filled in with data of a customer."""
    return bool(_patterns()[Kind.FIELD].search(address[:READ]))


def usual(text: str) -> str:
    """The letters that readers see, each in its usual form. Lines stay lines."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", _ZERO_WIDTH.sub("", without_hidden(text))))


def _start(found: re.Match[str]) -> int:
    """Of its first word: a pattern may begin with the end of the sentence before."""
    return found.start() + len(found[0]) - len(found[0].lstrip(" \n.!?:;,…"))


def _order(kind: Kind, text: str, at: int) -> Order:
    ends = [found.end() for found in _SENTENCE_END.finditer(text, 0, at)]
    return Order(kind, text.count("\n", 0, at), text[ends[-1] if ends else 0 :].partition("\n")[0].strip())


def _encoded(text: str) -> int | None:
    for found in _BASE64.finditer(text):
        letters = found[0].rstrip("=")
        try:
            said = base64.b64decode(letters + "=" * (-len(letters) % 4), altchars=b"-_").decode()
        except (binascii.Error, UnicodeDecodeError, ValueError):
            continue
        if _SENTENCE.match(said):
            return found.start()
    return None


@cache
def _patterns() -> Mapping[Kind, re.Pattern[str]]:
    data: dict[str, Any] = tomllib.loads(Path(__file__).with_name("orders.toml").read_text(encoding="utf-8"))
    words = {name: _any_of(lines) for name, lines in data["words"].items()}
    return {kind: _pattern(data, kind, words) for kind in Kind if kind is not Kind.ENCODED}


def _pattern(data: Mapping[str, Any], kind: Kind, words: Mapping[str, str]) -> re.Pattern[str]:
    imperatives, rules = (_any_of(data[kind].get(name, "")) for name in ("imperatives", "rules"))
    spaced = _filled("|".join(each for each in (imperatives and f"(?:{{do}})(?:{imperatives})", rules) if each), words)
    # Whole words, if it begins or ends with a letter.
    whole = rf"(?:(?<!\w)|(?=\W))(?:{spaced})(?:(?<!\w)|(?!\w))"
    unspaced = _any_of(data["unspaced"].get(kind, ""))
    source = f"{whole}|{unspaced}" if unspaced else whole
    return re.compile(source.replace(" ", r"\s"), re.IGNORECASE | re.MULTILINE)


def _any_of(lines: str) -> str:
    return "|".join(lines.strip("\n").split("\n"))


def _filled(rule: str, words: Mapping[str, str]) -> str:
    """Words stand in words, so it is done until none is left."""
    while _NAME.search(rule):
        rule = _NAME.sub(lambda found: f"(?:{words[found[1]]})", rule)
    return rule
