"""Endings of words in English, German, French and Spanish: a longer form also finds the shorter one. Pure.

The databases know English only (`porter`, `english`), and every word of a query is also searched as a beginning, so
`Rechnung` finds `Rechnungen`. These rules are the way back: `Rechnungen` is also searched as `rechnung`, as a whole
word. They are a table instead of a stemmer, because nobody says in which language a query is, and because what stays
has to be a word that somebody wrote: a wrong guess mostly finds nothing, where a stem would find other words.
"""

import re
from functools import lru_cache

LEAST = 5  # letters of a word that may lose an ending
# How many letters must stay at least: after "e" and "en" more, because "Seite" is not "seit".
ENDINGS = {"s": 4, "x": 4, "n": 4, "es": 4, "er": 4, "ern": 4, "e": 5, "en": 5, "em": 5, "nen": 6}
EXCHANGED = {"aux": "al", "ies": "y"}  # animaux, animal; categories, category
ENGLISH = {"ed": 4, "d": 4, "ing": 4, "ly": 4}  # which the databases know; here only to mark what they have found
_LETTERS = re.compile(r"[a-z]+")


def shorter(word: str) -> tuple[str, ...]:
    """Forms that a folded word (terms.fold) may have without its ending. None for codes: they have digits or signs."""
    return tuple(dict.fromkeys(_without(word, ENDINGS))) if _may_lose(word) else ()


def alike(one: str, other: str) -> bool:
    """Whether two folded words are forms of one word."""
    return one == other or (one[:2] == other[:2] and not _forms(one).isdisjoint(_forms(other)))


def stem(word: str) -> str:
    """The shortest form, which the beginnings of its other forms share."""
    return min(_forms(word), key=len)


@lru_cache(maxsize=10_000)
def _forms(word: str) -> frozenset[str]:
    if not _may_lose(word):
        return frozenset({word})
    found = _without(word, ENDINGS | ENGLISH)
    doubled = (each[:-1] for each in found if len(each) > 4 and each[-1] == each[-2])  # cancelled, cancel
    return frozenset({word, *found, *doubled})


def _may_lose(word: str) -> bool:
    return len(word) >= LEAST and _LETTERS.fullmatch(word) is not None


def _without(word: str, endings: dict[str, int]) -> list[str]:
    found = [
        word.removesuffix(end) for end, least in endings.items() if word.endswith(end) and len(word) - len(end) >= least
    ]
    return found + [
        word.removesuffix(end) + new for end, new in EXCHANGED.items() if word.endswith(end) and len(word) > 6
    ]
