"""Which topic is worth an article first. Pure.

Rank = tickets × trend × value.

- tickets: how many tickets (or help center visits) asked and are not answered;
- trend: questions of the last 14 days against the 14 days before, (new + 1) / (old + 1), at least ½, at most 2;
- value: 1 to 2, the lifetime value of the customers who asked against the topic worth most, and ½ more if one of
  them is an enterprise customer.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from knowledge.models import Gap, GapTopic

WINDOW = timedelta(days=14)
WEEKS = 12  # of the trend line
ENTERPRISE = "enterprise"
TIERS = ("enterprise", "paid", "free")
PLACE = re.compile(r"^\w+:\w+")

WORDS = (
    "Ranked by tickets × trend × value. Trend compares the last 14 days with the 14 before: it halves at least and"
    " doubles at most. Value is the lifetime value of the customers who asked, compared with the topic worth most;"
    " an enterprise customer among them adds half."
)


@dataclass(frozen=True)
class Figures:
    """What a topic's questions add up to."""

    questions: int
    answered: int
    tickets: int
    visits: int  # how many of them are visits to the help center
    recent: int
    before: int
    value: Decimal
    tiers: dict[str, int]
    categories: dict[str, int]
    languages: dict[str, int]
    weekly: tuple[int, ...]
    last_asked: datetime | None

    @property
    def askers(self) -> str:
        """What `tickets` counts, in words."""
        word = {0: "ticket", self.tickets: "visit"}.get(self.visits, "ticket or visit")
        return word if self.tickets == 1 else word.replace("ticket", "tickets").replace("visit", "visits")

    @property
    def trend(self) -> float:
        return min(2.0, max(0.5, (self.recent + 1) / (self.before + 1)))


@dataclass(frozen=True)
class Ranked:
    topic: GapTopic
    figures: Figures
    rank: float


def place(asked_in: str) -> str:
    """The ticket or visit that a question came from, without the message."""
    found = PLACE.match(asked_in)
    return found[0] if found else asked_in


def figures(gaps: Sequence[Gap], now: datetime) -> Figures:
    tickets: dict[str, Decimal] = {}
    waiting: set[str] = set()
    weekly = [0] * WEEKS
    for gap in gaps:
        where = place(gap.asked_in)
        tickets[where] = max(tickets.get(where, Decimal(0)), gap.value)
        if gap.closed_at is None:
            waiting.add(where)
        week = (now - gap.asked_at).days // 7
        if 0 <= week < WEEKS:
            weekly[WEEKS - 1 - week] += 1
    return Figures(
        questions=len(gaps),
        answered=sum(gap.closed_at is not None for gap in gaps),
        tickets=len(waiting or tickets),
        visits=sum(where.startswith("help:") for where in waiting or tickets),
        recent=sum(gap.asked_at > now - WINDOW for gap in gaps),
        before=sum(now - 2 * WINDOW < gap.asked_at <= now - WINDOW for gap in gaps),
        value=sum(tickets.values(), Decimal(0)),
        tiers=_counted((gap.tier for gap in gaps), TIERS),
        categories=_counted(gap.category.replace("_", " ") for gap in gaps),
        languages=_counted(gap.language for gap in gaps),
        weekly=tuple(weekly),
        last_asked=max((gap.asked_at for gap in gaps), default=None),
    )


def _counted(values: Iterable[str], order: Sequence[str] = ()) -> dict[str, int]:
    counted = Counter(value for value in values if value)
    known = [value for value in order if value in counted]
    return {value: counted[value] for value in [*known, *(v for v, _ in counted.most_common() if v not in known)]}


def rank(topics: Iterable[GapTopic], gaps: Mapping[int, Sequence[Gap]], now: datetime) -> list[Ranked]:
    """Best first; among equals, what was asked last."""
    found = [(topic, figures(gaps.get(topic.pk, ()), now)) for topic in topics]
    most = max((float(each.value) for _, each in found), default=0.0)
    ranked = [Ranked(topic, each, worth(each, most)) for topic, each in found]
    return sorted(ranked, key=lambda row: (-row.rank, -(row.figures.last_asked or now).timestamp(), row.topic.pk))


def worth(found: Figures, most_value: float) -> float:
    value = 1 + (float(found.value) / most_value if most_value else 0) + (0.5 if ENTERPRISE in found.tiers else 0)
    return found.tickets * found.trend * value
