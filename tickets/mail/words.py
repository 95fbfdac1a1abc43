"""The words that mail programs use in many languages (words.toml), as patterns and look-ups. Pure.

Each pattern is a list of fixed words, so that its time grows linearly with the text.
"""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROLES = ("from", "sent", "date", "to", "cc", "subject")
MAX_SUBJECT = 300

_FILE = Path(__file__).with_name("words.toml")
# Chinese, Japanese and Thai have no spaces between words, and Korean attaches its endings.
_WIDE = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_INVISIBLE = dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")
)
# "[EXTERNAL] Fwd: …", "[Ticket 12] AW: …"
_TAG = re.compile(r"^\s{0,9}\[[^\[\]]{1,40}\]\s{0,9}")
_PREFIX = re.compile(r"^\s{0,9}([^\s:：\[\]()\d][^:：\[\]()\d]{0,19}?)\s{0,2}(?:[\[(]?\d{1,3}[\])]?)?\s{0,2}[:：]")


def plain(text: str) -> str:
    """To compare texts: lower case, single spaces, no invisible characters."""
    return " ".join(text.translate(_INVISIBLE).replace("’", "'").casefold().split())


@cache
def _languages() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def phrases(kind: str) -> frozenset[str]:
    """The words of one kind (a key in words.toml) in all languages."""
    return frozenset(plain(word) for words in _languages().values() for word in words.get(kind, ()))


@cache
def labels() -> dict[str, frozenset[tuple[str, str]]]:
    """Label of a header → (language, role) in each language that uses it."""
    found: dict[str, set[tuple[str, str]]] = {}
    for language, words in _languages().items():
        for role in ROLES:
            for label in words.get(role, ()):
                found.setdefault(plain(label), set()).add((language, role))
    return {label: frozenset(roles) for label, roles in found.items()}


@cache
def within(kind: str) -> re.Pattern[str]:
    """A pattern for any of the words, anywhere in a text that went through `plain`."""
    words = sorted(phrases(kind), key=len, reverse=True)
    apart = "|".join(re.escape(word) for word in words if not _WIDE.search(word))
    joined = "|".join(re.escape(word) for word in words if _WIDE.search(word))
    return re.compile(rf"(?<!\w)(?:{apart})(?!\w)" + (f"|{joined}" if joined else ""))


@cache
def opening(kind: str) -> re.Pattern[str]:
    """A pattern for the longest of the words at the beginning of a text that went through `plain`."""
    words = sorted(phrases(kind), key=len, reverse=True)
    return re.compile(
        "(?:" + "|".join(re.escape(word) + ("" if _WIDE.search(word) else r"(?!\w)") for word in words) + ")"
    )


def _prefix(subject: str) -> str:
    found = _PREFIX.match(_TAG.sub("", subject[:MAX_SUBJECT]))
    return plain(found[1]) if found else ""


def is_forward(subject: str, text: str = "") -> bool:
    """By the first prefix of the subject: `Fwd: …`, `WG: …`, `转发：…`. A prefix that means "answer" in another
    language (VS in Finnish) counts as an answer if the text has that language's words above a quotation."""
    prefix = _prefix(subject)
    languages = [words for words in _languages().values() if prefix in map(plain, words.get("re", ()))]
    shown = plain(text)
    answers = any(
        plain(word) in shown for words in languages for kind in ("from", "wrote") for word in words.get(kind, ())
    )
    return prefix in phrases("fw") and not answers


def is_answer(subject: str) -> bool:
    return _prefix(subject) in phrases("re")


def bare(subject: str) -> str:
    """The subject without prefixes and tags: the same for all mails of a thread."""
    rest = subject[:MAX_SUBJECT]
    for _ in range(6):
        rest = _TAG.sub("", rest)
        found = _PREFIX.match(rest)
        if not found or plain(found[1]) not in phrases("re") | phrases("fw"):
            break
        rest = rest[found.end() :]
    return plain(rest)
