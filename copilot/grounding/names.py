"""Addresses, menu paths, labels, codes and names that the source does not have. Pure."""

import re
from collections.abc import Iterator

from copilot.grounding.objection import Objection, Rule

_URL = re.compile(
    r"\b(?:https?://|www\.)[^\s<>()\[\]\"']+[^\s<>()\[\]\"'.,;:!?]|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE
)
_ENTRY = r"[^\s›>→,.;:()\"“”]+"  # a word of a menu entry
_ARROW = r"\s*(?:›|>|→)\s*"
_MENU = re.compile(rf"{_ENTRY}(?:\s{_ENTRY}){{0,3}}{_ARROW}{_ENTRY}(?:{_ARROW}{_ENTRY})*")
_QUOTED = re.compile(r"[\"“„«]([^\"”“»\n]{2,60})[\"”“»]|\*\*([^*\n]{2,60})\*\*|`([^`\n]{2,60})`")
_CODE = re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[A-Z])[A-Za-z][\w-]{2,}\b")
_NAME = re.compile(r"(?<=[a-zà-ÿ,;:)] )[A-ZÀ-Þ][\w'’-]{2,}(?: [A-ZÀ-Þ][\w'’-]+)*")
_OWN_PAGE = re.compile(r"(?<=[a-z,;:)] )My [a-z]{3,}")  # a menu entry inside a sentence: "open My orders"
_NO_NAMES = frozenset({"de", "ja", "zh", "ko", "th"})  # languages in which every noun is large, or no letter is
_PLAIN = """
monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
october november december english german french spanish italian japanese
"""
_PLAIN_NAMES = frozenset(_PLAIN.split())
_YOU = """
lei ella loro suo sua suoi sue usted ustedes vous votre vos você senhor senhora państwo państwa państwu państwem pan
pana panu pani panią twój twoja twoje twoim twojego twojej twoją ciebie tobie uw jij jouw
ваш ваша ваше ваші вам вас вами
"""
_POLITE = frozenset(_YOU.split())  # a capital letter there is a courtesy
_ROW_BREAKS = (";", "–", "—")
_COLON = re.compile(r"(?: [\w'’-]+){0,2}\s?:")
_MENU_IN_BRACKETS = re.compile(rf"({_MENU.pattern})\s*\([^()\d]*\)")


def addresses(claim: str, source: str) -> Iterator[Objection]:
    there = source.lower()
    for found in _URL.finditer(claim):
        if found[0].lower() not in there:
            yield Objection(Rule.ADDRESS, found[0])


def names(claim: str, source: str, language: str, same_language: bool = True) -> Iterator[Objection]:
    """In another language than the source's, what may be translated does not count: labels of a table, and menus in
    brackets behind the ones of the source."""
    there = _words(source)
    own = [found[0] for found in _OWN_PAGE.finditer(claim)] if same_language and language in {"", "en"} else []
    for name in [*_labels(claim if same_language else _MENU_IN_BRACKETS.sub(r"\1", claim)), *own]:
        if not _is_there(name, there):
            yield Objection(Rule.NAME, name)
    if language in _NO_NAMES:
        return
    for found in _NAME.finditer(claim):
        if not same_language and _is_row_label(claim, found):
            continue
        words = [word for word in found[0].split() if word.lower() not in _PLAIN_NAMES | _POLITE]
        if not all(_is_there(re.sub(r"['’]s$", "", word), there) for word in words):
            yield Objection(Rule.NAME, found[0])


def _is_row_label(claim: str, found: re.Match[str]) -> bool:
    """As in "Room 1 – Beds: 2; Pets: on request"."""
    return claim[: found.start()].rstrip().endswith(_ROW_BREAKS) and bool(_COLON.match(claim, found.end()))


def _words(text: str) -> str:
    """Small letters and digits, one space before each word."""
    parts = re.findall(r"[\w'’-]+", text.casefold())
    return "".join(f" {''.join(filter(str.isalnum, part))}" for part in parts)


def _is_there(name: str, there: str) -> bool:
    """Also the beginning of a longer word ("Filter", "filters"), and two words for one ("check out", "checkout")."""
    words = _words(name)
    return words in there or " " + words.replace(" ", "") in there


def _labels(claim: str) -> Iterator[str]:
    for found in _MENU.finditer(claim):
        yield from re.split(_ARROW, found[0])[1:]  # words of the sentence may stand before the first entry
    for found in _QUOTED.finditer(claim):
        yield next(filter(None, found.groups()))
    for found in _CODE.finditer(claim):
        yield found[0]
