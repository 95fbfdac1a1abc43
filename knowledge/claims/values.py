"""Amounts, times and quantities in a sentence, in one notation: "two weeks" is "14 days", "€29" is "29 euros". Pure.

Made for English, with units in German, Spanish and French. Durations are in seconds, sizes in megabytes; working days
are a unit of their own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from knowledge.claims.patterns import (
    AFTER_LEAST,
    AFTER_MOST,
    CLOCK,
    COUNT,
    CURRENCIES,
    DATE,
    DAY,
    DURATION,
    HOUR,
    LEAST,
    MONTHS,
    MOST,
    NUMBER,
    ONE,
    ORDINALS,
    PERCENT,
    PRICE,
    SINGLE,
    SIZE,
    SIZES,
    TENS,
    THOUSANDS,
    UNITS,
    VERSION,
    WEEKDAY,
    WEEKDAYS,
    WORDS,
)
from knowledge.index.lexical import FUNCTION_WORDS, stem

Kind = Literal["price", "percentage", "duration", "date", "time", "number"]


@dataclass(frozen=True)
class Value:
    """`numbers` are in the base unit; several are a range or a list. `start` and `end`: its place in the sentence."""

    kind: Kind
    unit: frozenset[str]
    numbers: tuple[float, ...]
    per: str
    bound: Literal["", "most", "least"]
    start: int
    end: int


def number(text: str) -> float:
    """`1,000`, `1.000`, `1.000,50`, `29.50`, `29,50`, `twelve`."""
    plain = text.strip().lower()
    if plain in WORDS:
        return float(WORDS[plain])
    if joined := re.fullmatch(rf"({TENS})[- ](\w+)", plain):
        return float(WORDS[joined[1]] + WORDS.get(joined[2], 1))
    if grouped := re.fullmatch(rf"({THOUSANDS})(?:[.,](\d{{1,2}}))?", plain):
        return float(f"{re.sub(r'[^0-9]', '', grouped[1])}.{grouped[2] or 0}")
    return float(plain.replace(",", "."))


def singular(word: str) -> str:
    """One stem for "row" and "rows". `lexical.stem` does not shorten words that short."""
    plain = stem(word)
    return plain.removesuffix("s") if 3 < len(plain) <= 5 and not plain.endswith("ss") else plain


def values(sentence: str) -> list[Value]:
    """Every value, in reading order. Each part of the text counts once, as the most specific kind."""
    found: list[Value] = []
    taken = [False] * len(sentence)
    for value in _candidates(sentence):
        if not any(taken[value.start : value.end]):
            taken[value.start : value.end] = [True] * (value.end - value.start)
            found.append(value)
    return sorted(found, key=lambda value: value.start)


def _candidates(sentence: str) -> Iterator[Value]:
    for match in PRICE.finditer(sentence):
        unit = CURRENCIES[(match["sign"] or match["name"]).lower()]
        numbers = [number(text) for text in (match["n1"] or match["n2"], match["n1b"]) if text]
        yield _value("price", {unit}, numbers, match, _per(match["per"]))
    for match in PERCENT.finditer(sentence):
        yield _value("percentage", {"percent"}, _numbers(match["n"]), match)
    yield from _moments(sentence)
    yield from _quantities(sentence)


def _quantities(sentence: str) -> Iterator[Value]:
    for match in SIZE.finditer(sentence):
        factor = SIZES[match["unit"].lower().rstrip("s")]
        yield _value("number", {"size"}, [n * factor for n in _numbers(match["n"])], match)
    for match in DURATION.finditer(sentence):
        yield _duration(match, _numbers(match["n"]))
    for match in ONE.finditer(sentence):
        before = sentence[: match.start()].rstrip().lower()
        # "€29 a month", "120 requests a day", "once a week": a rate, not a duration.
        if match["n"].lower() in {"a", "an", "each", "every"} and not _is_length(before):
            continue
        yield _duration(match, [SINGLE[match["n"].lower()]])
    for match in VERSION.finditer(sentence):
        yield _value(
            "number", {f"version {match['name'].lower()}"}, [float(".".join(match["n"].split(".")[:2]))], match
        )
    for match in COUNT.finditer(sentence):
        numbered = re.search(r"(?:version|step|day|part|phase|level)\s*$", sentence[: match.start()], re.IGNORECASE)
        if not numbered and (unit := _count_unit(match["words"])):
            yield _value("number", unit, _numbers(match["n"]), match, _per(match["per"]), match.end("n"))


def _moments(sentence: str) -> Iterator[Value]:
    yield from _dates(sentence)
    for match in WEEKDAY.finditer(sentence):
        days = [WEEKDAYS.index(word.lower()[:3]) + 1.0 for word in re.findall(r"[A-Za-z]+day", match[0])]
        yield _value("date", {"weekday"}, days, match)
    yield from _clock(sentence)


def _is_length(before: str) -> bool:
    return bool(
        re.search(r"\b(?:within|for|after|in|lasts?|takes?|than|least|most|once|about|under|until)$", before)
    ) and not re.search(r"\b(?:once|twice|times)$", before)


def _duration(match: re.Match[str], numbers: list[float]) -> Value:
    unit, factor = UNITS[match["unit"].lower()]
    if match["working"] and factor in (DAY, HOUR):
        unit = f"working {'day' if factor == DAY else 'hour'}"
        factor = 1.0
    return _value("duration", {unit}, [n * factor for n in numbers], match)


def _dates(sentence: str) -> Iterator[Value]:
    for match in DATE.finditer(sentence):
        parts = {name[0]: text for name, text in match.groupdict().items() if text}
        day = ORDINALS.index(parts["d"].lower()) + 1 if parts["d"].lower() in ORDINALS else int(parts["d"])
        if day > 31:
            continue
        month, year = parts.get("m", ""), parts.get("y", "")
        numbers = [float(_month(month) * 100 + day)] if month else [float(day)]
        counted = bool(match["d8"] or match["d9"])  # "on day 15", "the tenth day": of a period, not of a month
        unit = {"date"} if month else {"day"} if counted else {"day of month"}
        yield _value("date", unit, [*numbers, float(year)] if year else numbers, match)


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    return next(names.index(text.lower()) + 1 for names in MONTHS if text.lower() in names)


def _clock(sentence: str) -> Iterator[Value]:
    for match in CLOCK.finditer(sentence):
        if match["noon"]:
            at = 12.0 if match["noon"].lower() == "noon" else 24.0
        elif match["h"]:
            at = int(match["h"]) % 12 + int(match["m"] or 0) / 60 + (12 if match["half"].lower().startswith("p") else 0)
        else:
            at = int(match["h2"]) + int(match["m2"]) / 60
        yield _value("time", {"clock"}, [at], match)


def _numbers(text: str) -> list[float]:
    return [number(each) for each in re.findall(NUMBER, text, re.IGNORECASE)]


def _per(text: str | None) -> str:
    plain = (text or "").lower()
    return {
        "monat": "month",
        "mois": "month",
        "mes": "month",
        "jahr": "year",
        "an": "year",
        "año": "year",
        "tag": "day",
    }.get(plain, plain)


def _count_unit(words: str) -> set[str]:
    """The stems of what is counted: the words up to the end of the noun phrase."""
    unit: list[str] = []
    for word in words.lower().split():
        if word in FUNCTION_WORDS or word in {
            "or",
            "and",
            "per",
            "before",
            "after",
            "ahead",
            "within",
            "until",
            "more",
        }:
            break
        unit.append(singular(word.removesuffix("'s")))
    return set(unit)


def _value(
    kind: Kind, unit: set[str], numbers: list[float], match: re.Match[str], per: str = "", end: int | None = None
) -> Value:
    end = match.end() if end is None else end
    before, after = match.string[: match.start()], match.string[end:]
    bound: Literal["", "most", "least"] = ""
    if MOST.search(before) or AFTER_MOST.search(after):
        bound = "most"
    elif LEAST.search(before) or AFTER_LEAST.search(after):
        bound = "least"
    return Value(kind, frozenset(unit), tuple(numbers), per, bound, match.start(), end)
