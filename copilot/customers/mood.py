"""Whether a customer's mood rises or falls, read from how their latest messages sound. Pure.

The mean of the latest two messages is compared with that of up to three before them; half a step is a change, if the
last message itself is on that side of the mean. A message that is "urgent" says how soon it matters and not how the
customer feels: it is left out, so that a hurry neither darkens a mood nor brightens a bad one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from statistics import fmean
from typing import NamedTuple

from copilot.models import Triage

Sentiment = Triage.Sentiment
SCORES: dict[str, int] = {Sentiment.POSITIVE: 1, Sentiment.NEUTRAL: 0, Sentiment.NEGATIVE: -1}
LATEST, BEFORE = 2, 3  # messages that are compared
LEAST_DAYS = 2  # a customer who writes three mails in an hour has one mood
CHANGE = 0.5


class Trend(StrEnum):
    FALLING = "falling"
    STEADY = "steady"
    UNSTEADY = "unsteady"
    RISING = "rising"


class Tone(NamedTuple):
    """How one message sounds. `estimated`: by a classifier, and no agent has corrected it."""

    sentiment: str
    day: date
    estimated: bool = True


@dataclass(frozen=True)
class Mood:
    """`sentiments` show it: that of the last message and, if it rises or falls, before it one that it rose or fell
    from. `estimated`: at least one message that was looked at is."""

    trend: Trend
    sentiments: tuple[str, ...]
    estimated: bool


def mood(tones: Sequence[Tone]) -> Mood | None:
    """Of messages, oldest first. None: there is too little to say."""
    counted = [each for each in tones if each.sentiment in SCORES][-(LATEST + BEFORE) :]
    if len(counted) <= LATEST or len({each.day for each in counted}) < LEAST_DAYS:
        return None
    names = [each.sentiment for each in counted]
    trend = _trend([SCORES[each] for each in names])
    return Mood(trend, _shown(trend, names), any(each.estimated for each in counted))


def _trend(scores: Sequence[int]) -> Trend:
    before = fmean(scores[:-LATEST])
    change = fmean(scores[-LATEST:]) - before
    if change >= CHANGE and scores[-1] > before:
        return Trend.RISING
    if change <= -CHANGE and scores[-1] < before:
        return Trend.FALLING
    return Trend.STEADY if len(set(scores)) == 1 else Trend.UNSTEADY


def _shown(trend: Trend, names: Sequence[str]) -> tuple[str, ...]:
    last = names[-1]
    way = {Trend.RISING: 1, Trend.FALLING: -1}.get(trend)
    if way is None:
        return (last,)
    return next(each for each in reversed(names[:-LATEST]) if way * (SCORES[last] - SCORES[each]) > 0), last
