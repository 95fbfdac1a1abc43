"""Amounts, times, dates and figures that the source does not have. Pure."""

import re
from collections.abc import Iterator, Sequence
from math import isclose

from copilot.grounding.objection import Objection, Rule
from knowledge.claims.patterns import DAY, ORDINALS, THOUSANDS, WORDS
from knowledge.claims.values import Value, number, values

ROUNDING = 1e-9
TOLERANCE = 0.02  # of durations, relative: a month of 30 days and one of 365.25 / 12 are the same month

# "on day 30" and "after 30 days" are compared in seconds.
_IN_DAYS = {"day": "time", "time": "time"}
# Values without one of these are words such as "a day", which people use loosely.
_COUNTED = re.compile(
    r"\d|\b(?:one|half|fortnight|noon|midnight|\w+day)s?\b|" + "|".join(rf"\b{word}\b" for word in WORDS), re.IGNORECASE
)
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")
# "Two" has too many other words: both, a pair, twice.
_IN_WORDS = re.compile("|".join(rf"\b{word}\b" for word, number in WORDS.items() if number > 2), re.IGNORECASE)
_SIZE = frozenset({"size"})
_DAY_OF = re.compile(rf"\b({'|'.join(ORDINALS)}) of\b", re.IGNORECASE)
# Their counters put figures where other languages have "a" and "second".
_COUNTING = frozenset({"ja", "zh", "ko"})


def amounts(claim: str, source: str) -> Iterator[Objection]:
    """Prices, percentages, sizes, durations, dates and times, each in one notation."""
    said = values(source)
    bare = _bare_numbers(source, said)
    for value in values(claim):
        words = claim[value.start : value.end]
        if not is_compared(value, words) or any(agrees(value, other) for other in said):
            continue
        figures = {_plain(each) for each in _DIGITS.findall(words)}
        if figures and figures <= bare:  # "heard ones after 7 days, unheard ones after 30"
            continue
        yield Objection(Rule.TIME if value.kind in {"duration", "date", "time"} else Rule.AMOUNT, words)


def numbers(claim: str, source: str, language: str) -> Iterator[Objection]:
    """Digits that the source has nowhere, in figures or in words, by themselves or as part of a value."""
    known = _known(source) | ({"1", "2"} if language in _COUNTING else set())
    places = [(value.start, value.end) for value in values(claim) if value.kind != "number"]
    for found in _DIGITS.finditer(claim):
        inside = any(start <= found.start() < end for start, end in places)
        if not inside and not {_plain(found[0]), _plain(found[0].lstrip("0"))} & known:
            yield Objection(Rule.NUMBER, found[0])
    for found in _IN_WORDS.finditer(claim):
        inside = any(start <= found.start() < end for start, end in places)
        if not inside and _figure(WORDS[found[0].lower()]) not in known:
            yield Objection(Rule.NUMBER, found[0])


def figures(text: str) -> frozenset[str]:
    """The figures in a text, in one notation."""
    return frozenset(_plain(each) for each in _DIGITS.findall(text))


def is_compared(value: Value, words: str) -> bool:
    """Whether a source must have it; words such as "a day" are used loosely."""
    return (value.kind != "number" or value.unit == _SIZE) and bool(_COUNTED.search(words))


def _bare_numbers(source: str, said: Sequence[Value]) -> frozenset[str]:
    """Figures without a unit, such as those of tables and of the second half of a comparison."""
    inside = [(value.start, value.end) for value in said if value.kind != "number" or value.unit == _SIZE]
    found = (each for each in _DIGITS.finditer(source) if not any(a <= each.start() < b for a, b in inside))
    return frozenset(_plain(each[0]) for each in found)


def agrees(value: Value, other: Value) -> bool:
    """The same amount, in whatever notation."""
    if _IN_DAYS.get(min(value.unit), value.kind) != _IN_DAYS.get(min(other.unit), other.kind):
        return False
    if value.kind == other.kind and value.unit != other.unit:
        return False
    if value.per and other.per and value.per != other.per:
        return False
    scale = DAY if value.kind != other.kind and value.kind == "date" else 1.0
    loosely = TOLERANCE if "duration" in {value.kind, other.kind} else ROUNDING
    return all(any(isclose(one * scale, two, rel_tol=loosely) for two in other.numbers) for one in value.numbers)


def _known(source: str) -> set[str]:
    said = {_figure(number) for value in values(source) for number in value.numbers}
    in_words = {_figure(WORDS[word]) for word in re.findall(r"[^\W\d_]+", source.lower()) if word in WORDS}
    in_words |= {_figure(ORDINALS.index(word.lower()) + 1) for word in _DAY_OF.findall(source)}
    return said | in_words | _clock_figures(source) | figures(source)


def _clock_figures(source: str) -> set[str]:
    """Of its times as other languages write them: "18h30" for "6:30 p.m."."""
    times = [number for value in values(source) if value.kind == "time" for number in value.numbers]
    return {_figure(each) for number in times for each in (int(number), round(number * 60) % 60)}


def _plain(digits: str) -> str:
    """`1,000` as `1000`, `2.50` as `2.5`: so that thousands and decimals compare in any notation."""
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", digits):
        return re.sub(r"\D", "", digits)
    if re.fullmatch(rf"{THOUSANDS}[.,]\d{{1,2}}", digits):
        return _figure(number(digits))
    if re.fullmatch(r"\d+[.,]\d{1,2}", digits):
        return _figure(float(digits.replace(",", ".")))
    return digits


def _figure(number: float) -> str:
    return f"{number:.10g}"
