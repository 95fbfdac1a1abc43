"""How replies sound: greeting, opening and closing for each language, as shipped (voice.toml) or as leads changed them.

Replies are made of evidence, so this is all that is not an article's own words.
"""

import logging
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from copilot.texts import active, version_of

log = logging.getLogger(__name__)

NAME = "voice"
FALLBACK = "en"


@dataclass(frozen=True)
class Words:
    """Of one language. `insisted` is the opening where nothing answers, `further` where a part of the answer was sent
    before; without them the usual one opens there too. `result` stands behind steps that a customer is guided through.
    """

    named: str
    plain: str
    opening: str = ""
    insisted: str = ""
    further: str = ""
    result: str = ""
    closing: str = ""


FIELDS = tuple(field.name for field in fields(Words))


@dataclass(frozen=True)
class Voice:
    version: str
    words: Mapping[str, Words]

    def of(self, language: str) -> Words:
        return self.words.get(language) or self.words[FALLBACK]


def load() -> Voice:
    """The version in use. A stored one that cannot be used gives way to the file."""
    stored = active.stored(NAME)
    return (usable(stored.texts) if stored else None) or shipped()


@cache
def shipped() -> Voice:
    return parsed(shipped_texts())


def shipped_texts() -> str:
    return (Path(__file__).parent / "voice.toml").read_text(encoding="utf-8")


@lru_cache(maxsize=8)
def usable(texts: str) -> Voice | None:
    """None if it is broken, or has no words for a language that the file has."""
    try:
        voice = parsed(texts)
    except (ValueError, TypeError, AttributeError):
        voice = None
    if voice is None or set(voice.words) != set(shipped().words):
        log.error("stored voice cannot be used, the file is")
        return None
    return voice


def parsed(texts: str) -> Voice:
    data: Mapping[str, Any] = tomllib.loads(texts)
    return Voice(version_of(NAME, texts), {language: _words(entry) for language, entry in data.items()})


def _words(entry: Mapping[str, Any]) -> Words:
    if not all(isinstance(text, str) for text in entry.values()):
        raise ValueError("not a text")
    return Words(**entry)
