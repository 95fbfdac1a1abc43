"""How near a sentence is to being word for word in its source. Pure.

The words of the sentence are laid beside those of each unit, each of its clauses and each two neighbouring clauses.
The distance is 0 if they are the same, or differ only in words that change nothing; each word that the source does not
have counts 1, each that is missing ½, and a missing condition, negation or figure more.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from copilot.grounding.words import MOVABLE, PRONOUNS, RESTRICTIVE, SAFE, tokens
from knowledge.index.lexical import FUNCTION_WORDS

STRICT = 1.0  # up to here it is the source's own sentence: of 230 unsupported ones none is nearer than 1.5
# What a word costs that is new, new but little, lost, moved, or the noun in the place of its pronoun; and what it costs
# to add or lose a condition, a negation or a figure.
NEW, LITTLE, LOST, MOVED, NAMED, LIMIT = 1.25, 0.75, 0.5, 0.5, 0.3, 1.5
LONGEST = 1500  # characters of a unit, more than evidence has; the time grows with the square
FIXED = RESTRICTIVE - MOVABLE  # "only" and "not" belong to the words beside them
_CLAUSE = re.compile(r"[;:]\s+|,\s+(?:and|but|so|und|aber|y|pero|et|mais)\s+|[.!?]\s+")
# Read before and after a clause.
_LIMITS_BEFORE = re.compile(
    r"(?:^|[.;!?]\s+)(?:\W*)(?:on|in|for|with|without|if|when|only|unless|auf|bei|mit|ohne|für|wenn|nur|en|con|sin|para|si|solo"
    r"|avec|sans|pour|sur)\b[^.;!?]*:\s+$",
    re.IGNORECASE,
)
_LIMITS_AFTER = re.compile(
    r"(?:only|unless|except|if|not|provided|as long as|nur|wenn|außer|nicht|aber nicht|solo|sólo|salvo|si|no|seulement"
    r"|sauf|pas)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Window:
    """A part of a unit that a sentence may repeat; `before`: the words of the unit that come before it."""

    unit: int
    text: str
    words: tuple[str, ...]
    before: frozenset[str]
    limited: bool = False  # the rest of the unit limits it: "but only by an administrator", "On Free: …"


@dataclass(frozen=True)
class Aligned:
    """`unit`: the index of the nearest unit; `window`: the part of it that is nearest. None if there are no units."""

    unit: int | None
    distance: float
    window: Window | None = None


@dataclass(frozen=True)
class Change:
    """Words of the source that are gone, and those that are new in their place."""

    gone: tuple[str, ...]
    new: tuple[str, ...]


def closest(claim: str, units: Sequence[str]) -> Aligned:
    said = tokens(claim)
    found = [(_distance(window, said), window) for window in windows(units)]
    if not found:
        return Aligned(None, float(len(said)))
    distance, window = min(found, key=lambda each: each[0])
    return Aligned(window.unit, distance, window)


def windows(units: Sequence[str]) -> Iterator[Window]:
    for at, unit in enumerate(each[:LONGEST] for each in units):
        yield _window(at, unit, 0, len(unit))
        ends = [0, *(found.end() for found in _CLAUSE.finditer(unit)), len(unit)]
        if len(ends) > 2:
            for first, last in [*zip(ends, ends[1:], strict=False), *zip(ends, ends[2:], strict=False)]:
                yield _window(at, unit, first, last)


def _window(at: int, unit: str, first: int, last: int) -> Window:
    text = unit[first:last]
    joints = list(_CLAUSE.finditer(text))
    if joints and joints[-1].end() == len(text):  # the "and" that leads to the next clause
        text = text[: joints[-1].start()]
    limited = bool(_LIMITS_BEFORE.search(unit[:first]) or _LIMITS_AFTER.match(unit[last:]))
    return Window(at, text, tuple(tokens(text)), frozenset(tokens(unit[:first])), limited)


def _distance(window: Window, said: Sequence[str]) -> float:
    every = changes(window.words, said)
    left = without_moved(every)
    moved = (len(every) - len(left)) // 2
    return LIMIT * window.limited + MOVED * moved + sum(cost(change, window.before) for change in left)


def changes(source: Sequence[str], said: Sequence[str]) -> list[Change]:
    codes = SequenceMatcher(None, source, said, autojunk=False).get_opcodes()
    return [Change(_heavy(source[a:b]), _heavy(said[c:d])) for code, a, b, c, d in codes if code != "equal"]


def _heavy(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in SAFE or word in PRONOUNS)


def without_moved(every: Sequence[Change]) -> list[Change]:
    """Without words that only stand elsewhere: the same in the same order, and nothing in their place.

    Otherwise two names could change places.
    """
    left = list(every)
    for change in every:
        words = _plain(change.new)
        if not words or _plain(change.gone) or set(words) <= FIXED:
            continue
        if origin := next((each for each in left if _plain(each.gone) == words and not _plain(each.new)), None):
            left.remove(change)
            left.remove(origin)
    return left


def _plain(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in SAFE)


def cost(change: Change, before: frozenset[str]) -> float:
    named = any(word in PRONOUNS for word in change.gone)
    new = sum(_new(word, named and word in before) for word in _plain(change.new))
    lost = sum(LIMIT if _limits(word) else LOST for word in _plain(change.gone))
    return new + lost


def _new(word: str, named: bool) -> float:
    if _limits(word):
        return LIMIT
    return NAMED if named else LITTLE if word in FUNCTION_WORDS else NEW


def _limits(word: str) -> bool:
    return word in RESTRICTIVE or any(char.isdigit() for char in word)
