"""Whether a customer's mood rises or falls, read from how their latest messages sound. Pure.

The mean of the latest two messages is compared with that of up to three before them; half a step is a change. A message
that is "urgent" says how soon it matters and not how the customer feels: it is left out, so that a hurry neither
darkens a mood nor brightens a bad one.
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
    RISING = "rising"


class Tone(NamedTuple):
    """How one message sounds."""

    sentiment: str
    day: date


@dataclass(frozen=True)
class Mood:
    """`sentiments`: of the messages that show it, oldest first."""

    trend: Trend
    sentiments: tuple[str, ...]


def mood(tones: Sequence[Tone]) -> Mood | None:
    """Of messages, oldest first. None: there is too little to say."""
    counted = [each for each in tones if each.sentiment in SCORES][-(LATEST + BEFORE) :]
    if len(counted) <= LATEST or len({each.day for each in counted}) < LEAST_DAYS:
        return None
    scores = [SCORES[each.sentiment] for each in counted]
    change = fmean(scores[-LATEST:]) - fmean(scores[:-LATEST])
    trend = Trend.FALLING if change <= -CHANGE else Trend.RISING if change >= CHANGE else Trend.STEADY
    return Mood(trend, tuple(each.sentiment for each in counted))
