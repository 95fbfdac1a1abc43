"""Words by which a reply that answers is told from one that does not, and "it works" from "it still fails". Pure."""

import re
import tomllib
from functools import cache
from pathlib import Path

from copilot.evidence.question_text import QUESTION_MARKS
from copilot.summaries.words import is_sorry, is_thanks, is_trouble
from knowledge.index.lexical import content_words

SOMETHING = 4  # content words that say something
_APOSTROPHE = re.compile("[\u2019`\u00b4]")
_ITEM = re.compile(r"[-*+•]|\d{1,3}[.)]\s")


@cache
def _phrases() -> dict[str, str]:
    return tomllib.loads(Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8"))


def _of(name: str) -> str:
    return "(?:" + _phrases()[name].strip().replace("\n", "|") + ")"


def _any(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){_of(name)}(?!\w)", re.IGNORECASE)


def _clear() -> re.Pattern[str]:
    """Some phrases stand alone but for thanks, some begin a sentence, and some are clear wherever they stand."""
    begins, thanks = rf"^\W*(?:{_of('lead')}\W+){{0,4}}", _of("thanks")
    alone, ended = rf"(?=\W*(?:$|{thanks}\b))", rf"(?=\s*(?:$|[^\w\s?]|{thanks}\b))"
    return re.compile(
        rf"{begins}{_of('works')}{alone}|{begins}{_of('works_well')}{ended}|(?<!\w){_of('works_now')}{ended}",
        re.IGNORECASE,
    )


_HARMLESS, _FAILS, _MAY_FAIL = _any("harmless"), _any("fails"), _any("may_fail")
_CLEAR, _DOUBT, _DISPLEASED = _clear(), _any("doubt"), _any("displeased")
_NO_ANSWER = _any("no_answer")
_EMPTY = (_NO_ANSWER, _any("courtesy"), _any("later"), _any("wants"))
_POLITE = _any("polite")


def plain(text: str) -> str:
    return _APOSTROPHE.sub("'", text)


def told_words(sentences: list[str]) -> int:
    """How many content words a reply has, without its questions, courtesies and promises to look into it.

    None if it is automatic, or leaves the answer to somebody else.
    """
    told = [plain(each) for each in sentences]
    if any(_NO_ANSWER.search(each) for each in told):
        return 0
    found: set[str] = set()
    listed = False  # the points of a list that says nothing: what is wanted
    for each in told:
        words = [] if listed and _ITEM.match(each) else _content(each)
        listed = not words and (each.endswith(":") or listed and bool(_ITEM.match(each)))
        found |= set(words)
    return len(found)


def _content(sentence: str) -> list[str]:
    """Its content words; none if it says nothing, and of a polite one only if enough others are left."""
    if QUESTION_MARKS & set(sentence.rstrip()[-4:]) or is_thanks(sentence) or is_sorry(sentence):
        return []
    if any(each.search(sentence) for each in _EMPTY):
        return []
    rest, polite = _POLITE.subn(" ", sentence)
    words = content_words(rest)
    return words if not polite or len(set(words)) >= SOMETHING else []


def helped(sentences: list[list[str]]) -> bool | None:
    """What a customer says of a reply: True, "it works"; False, "it still fails"; None, neither, or it is in doubt.

    Each sentence comes as a whole and in its lines: a short one often stands on a line of its own. Thanks are neither.
    """
    told = [[_without_harmless(part) for part in parts] for parts in sentences]
    if any(_FAILS.search(part) for parts in told for part in parts):
        return False
    clear = False
    for parts in told:
        weak = _MAY_FAIL.search(parts[0])
        here = _is_clear([parts[0][: weak.start()]] if weak else parts, parts[0])
        clear = clear or here
        if weak and not clear:
            return False
    return clear and not any(is_trouble(whole) or _DISPLEASED.search(whole) for whole, *_ in told) or None


def asks(sentences: list[str]) -> bool:
    """Is one of these a question?"""
    return any(QUESTION_MARKS & set(each) for each in sentences)


def _is_clear(parts: list[str], sentence: str) -> bool:
    """Does a part say "it works", in a sentence that neither asks nor supposes, and denies nothing before?"""
    if QUESTION_MARKS & set(sentence) or _DOUBT.search(sentence):
        return False
    found = [(part, match) for part in parts if (match := _CLEAR.search(part))]
    return any(not is_trouble(part[: match.start()]) for part, match in found)


def _without_harmless(text: str) -> str:
    return " ".join(_HARMLESS.sub("", plain(text)).split())
