"""Which topic needs an article first. Pure.

Rank = tickets × trend × value.

- tickets: tickets and help center visits whose question has no answer;
- trend: (questions of the last 14 days + 1) / (questions of the 14 days before + 1), from ½ to 2;
- value: 1 + lifetime value of the customers who asked / that of the topic with most, plus ½ if one of the customers
  is an enterprise customer.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from knowledge.models import Gap, GapTopic

WINDOW = timedelta(days=14)
WEEKS = 12  # of the trend line
ENTERPRISE = "enterprise"
TIERS: dict[str, str | Promise] = {  # in the order shown
    "enterprise": pgettext_lazy("customer", "enterprise"),
    "paid": pgettext_lazy("customer", "paid"),
    "free": pgettext_lazy("customer", "free"),
}
ORIGIN = re.compile(r"^\w+:\w+")

EXPLANATION = gettext_lazy(
    "Ranked by tickets × trend × value. Trend compares the last 14 days with the 14 days before and ranges from ½ to 2."
    " Value compares the lifetime value of the customers who asked with that of the highest topic, and ranges from 1"
    " to 2. An enterprise customer adds ½."
)


@dataclass(frozen=True)
class Figures:
    """The figures of a topic's questions."""

    questions: int
    answered: int
    tickets: int  # and visits to the help center
    visits: int  # how many of `tickets` are visits
    recent: int  # questions of the last 14 days
    before: int  # of the 14 days before
    value: Decimal  # lifetime value of the customers who asked
    tiers: dict[str, int]
    categories: dict[str, int]
    languages: dict[str, int]
    weekly: tuple[int, ...]
    last_asked: datetime | None

    @property
    def origins(self) -> str:
        """What `tickets` counts: tickets, visits or both."""
        if self.visits == 0:
            return ngettext("ticket", "tickets", self.tickets)
        if self.visits == self.tickets:
            return ngettext("visit", "visits", self.tickets)
        return ngettext("ticket or visit", "tickets or visits", self.tickets)

    @property
    def named_tiers(self) -> list[tuple[str, str, int]]:
        """(tier, its name, questions)."""
        return [(tier, tier_name(tier), count) for tier, count in self.tiers.items()]

    @property
    def trend(self) -> float:
        return min(2.0, max(0.5, (self.recent + 1) / (self.before + 1)))


@dataclass(frozen=True)
class Ranked:
    topic: GapTopic
    figures: Figures
    rank: float


def tier_name(tier: str) -> str:
    return str(TIERS.get(tier, tier))


def origin(asked_in: str) -> str:
    """The ticket or visit that a question came from: "ticket:12" of "ticket:12 message:34"."""
    found = ORIGIN.match(asked_in)
    return found[0] if found else asked_in


def figures(gaps: Sequence[Gap], now: datetime) -> Figures:
    tickets: dict[str, Decimal] = {}
    waiting: set[str] = set()
    weekly = [0] * WEEKS
    for gap in gaps:
        where = origin(gap.asked_in)
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
        tiers=_counted((gap.tier for gap in gaps), tuple(TIERS)),
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
    """Highest rank first; of equal ranks, the topic that was asked about last."""
    found = [(topic, figures(gaps.get(topic.pk, ()), now)) for topic in topics]
    most = max((float(each.value) for _, each in found), default=0.0)
    ranked = [Ranked(topic, each, rank_of(each, most)) for topic, each in found]
    return sorted(ranked, key=lambda row: (-row.rank, -(row.figures.last_asked or now).timestamp(), row.topic.pk))


def rank_of(found: Figures, most_value: float) -> float:
    value = 1 + (float(found.value) / most_value if most_value else 0) + (0.5 if ENTERPRISE in found.tiers else 0)
    return found.tickets * found.trend * value
