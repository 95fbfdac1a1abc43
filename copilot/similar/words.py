"""Words by which a reply that answers is told from one that does not, and "it works" from "it still fails". Pure."""

import re
import tomllib
from functools import cache
from pathlib import Path

from copilot.evidence.question_text import QUESTION_MARKS
from copilot.summaries.words import is_solved, is_sorry, is_thanks
from knowledge.index.lexical import content_words


def _any(name: str) -> re.Pattern[str]:
    phrases = _phrases()[name].strip().replace("\n", "|")
    return re.compile(rf"(?<!\w)(?:{phrases})(?!\w)", re.IGNORECASE)


@cache
def _phrases() -> dict[str, str]:
    return tomllib.loads(Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8"))


_HARMLESS, _HELPED, _FAILS = _any("harmless"), _any("helped"), _any("fails")
_EMPTY = (_any("courtesy"), _any("later"), _any("wants"))
_NEITHER = re.compile(rf"\W*{_any('neither').pattern}\W*", re.IGNORECASE)
_APOSTROPHE = re.compile("[\u2019`\u00b4]")


def plain(text: str) -> str:
    return _APOSTROPHE.sub("'", text)


def told_words(sentences: list[str]) -> int:
    """How many content words a reply has, without its questions, courtesies and promises to look into it."""
    return len({word for each in map(plain, sentences) if not _says_nothing(each) for word in content_words(each)})


def _says_nothing(sentence: str) -> bool:
    if QUESTION_MARKS & set(sentence.rstrip()[-4:]) or is_thanks(sentence) or is_sorry(sentence):
        return True
    return any(each.search(sentence) for each in _EMPTY)


def helped(sentences: list[str]) -> bool | None:
    """What a customer says of a reply: True, "it works"; False, "it still fails"; None, neither."""
    told = [" ".join(_HARMLESS.sub("", plain(each)).split()) for each in sentences]
    told = [each for each in told if not _NEITHER.fullmatch(each)]
    if any(_FAILS.search(each) for each in told):
        return False
    return True if any(_HELPED.search(each) or is_thanks(each) or is_solved(each) for each in told) else None
