"""Finds attributions: lines that say who wrote what follows ("On …, … wrote:"), in up to three lines. Pure.

Other lines end in a colon, too. An attribution has a word for writing and a date or an address, or, in a language
that we do not know, a date, a time and an address.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tickets.mail import words
from tickets.mail.quoting.lines import MAX_LINE, Line

MAX_WRAPPED = 3
MAX_SHORT = 60  # characters of "Tallybird Support writes:"

_TIME = re.compile(r"\d{1,2}[:.h]\d\d(?!\d)")
_DATE = re.compile(r"(?:19|20)\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}月\d{1,2}日")
_ADDRESS = re.compile(r"<[^<>\n]{3,}>|\S@\S|\[mailto:")
# How the first of several lines begins: with a short word before a date, with a date, or with a name and its address.
_BEFORE_DATE = (
    r"(?:on|am|le|el|il|op|em|den|d|dne|dňa|w dniu|dnia|dana|în|pe|στις|в|у|at|dia|vào|pada|þann"
    r"|ב|בתאריך|في|с|从|于|於|在"
    r"|mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim)(?!\w)|\W{0,3}\d"
)
_BEGINS_WITH_DATE = re.compile(_BEFORE_DATE)
_BEGINS = re.compile(_BEFORE_DATE + "|[^@<]{0,80}[<@]")


@dataclass(frozen=True)
class Attribution:
    """Lines from `start` up to `stop`. `sure`: an attribution even if nothing marks what follows.
    `weight`: 2 with a word for writing and a date, time or address, 1 with an address, 0 with less."""

    start: int
    stop: int
    sure: bool
    weight: int


def find(lines: Sequence[Line]) -> list[Attribution]:
    found: list[Attribution] = []
    for last, line in enumerate(lines):
        if _ends(line.inner):
            one = _read(lines, last, found[-1].stop if found else 0)
            if one is not None:
                found.append(one)
    return found


def _ends(text: str) -> bool:
    shown = words.plain(text[-12:]).rstrip("*_ ")
    return len(text) <= MAX_LINE and (shown.endswith((":", "：")) or (shown.endswith("---") and text.startswith("---")))


def _read(lines: Sequence[Line], last: int, least: int) -> Attribution | None:
    """The shortest attribution that ends in line `last`. A line above is part of it only if it begins like one."""
    best: Attribution | None = None
    for start in range(last, max(last - MAX_WRAPPED, least - 1), -1):
        if lines[start].blank or lines[start].mark != lines[last].mark or len(lines[start].inner) > MAX_LINE:
            break
        text = words.plain(" ".join(line.inner for line in lines[start : last + 1]))
        if start < last and not (_BEGINS.match(text) and (_stands_apart(lines, start) or _dated(lines[start].inner))):
            continue
        one = _judge(text, start, last + 1)
        if one is not None and (best is None or (one.sure and not best.sure)):
            best = one
        if best is not None and best.sure:
            break
    return best


def _stands_apart(lines: Sequence[Line], start: int) -> bool:
    return start == 0 or lines[start - 1].blank or lines[start - 1].mark != lines[start].mark


def _dated(text: str) -> bool:
    return bool(_BEGINS_WITH_DATE.match(text.casefold()) and (_DATE.search(text) or _TIME.search(text)))


def _judge(text: str, start: int, stop: int) -> Attribution | None:
    verb = bool(words.within("wrote").search(text))
    date, time, address = bool(_DATE.search(text)), bool(_TIME.search(text)), bool(_ADDRESS.search(text))
    if verb and (date or address or time):
        drawn = text.startswith("---") and text.endswith("---")
        return Attribution(start, stop, drawn or (date and (address or time)) or (address and time), 2)
    if address and (date or time):
        return Attribution(start, stop, date and time and text.rstrip(":： ").endswith(">"), 1)
    if (date and time) or (verb and len(text) <= MAX_SHORT):
        return Attribution(start, stop, False, 0)
    return None
