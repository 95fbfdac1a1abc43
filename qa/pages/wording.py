"""Figures as text: percentages, durations, names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config import formats
from qa.metrics.metrics import Share

NOTHING = "–"


@dataclass(frozen=True)
class Unit:
    """The unit of all durations in one column, so that they can be compared at a glance."""

    form: str | Promise
    seconds: int
    digits: int
    up_to: float  # seconds: a column with longer durations needs a larger unit

    def __call__(self, seconds: float | None) -> str:
        if seconds is None:
            return NOTHING
        return str(self.form) % {"number": formats.decimal(seconds / self.seconds, self.digits)}


SECONDS = Unit(gettext_lazy("%(number)s s"), 1, 0, 600)
UNITS = (
    SECONDS,
    Unit(gettext_lazy("%(number)s min"), 60, 1, 3 * 3600),
    Unit(gettext_lazy("%(number)s h"), 3600, 1, 3 * 86400),
    Unit(gettext_lazy("%(number)s d"), 86400, 1, float("inf")),
)


def unit_for(durations: Iterable[float | None]) -> Unit:
    """The unit of a column. Its longest duration decides."""
    longest = max((each for each in durations if each is not None), default=0.0)
    return next(unit for unit in UNITS if longest < unit.up_to)


def percent(rate: float | None) -> str:
    return NOTHING if rate is None else formats.percent(rate)


def interval(share: Share) -> str:
    """The 95% confidence interval (Wilson). Empty without observations."""
    if not share.whole:
        return ""
    low, high = share.interval
    return _("95%% confidence: %(low)s–%(high)s") % {
        "low": formats.decimal(low * 100, 0),
        "high": formats.percent(high),
    }


def points(now: float | None, before: float | None) -> str:
    """The change of a share since the period before, in percentage points."""
    if now is None or before is None:
        return ""
    points = round(now * 100) - round(before * 100)
    change = f"{'+' if points > 0 else '−' if points < 0 else '±'}{abs(points)}"
    return ngettext("%(change)s point", "%(change)s points", abs(points)) % {"change": change}


def distance(value: float | None) -> str:
    return NOTHING if value is None else formats.decimal(value, 2)


def part_of(share: Share) -> str:
    return _("%(part)d of %(whole)d") % {"part": share.part, "whole": share.whole} if share.whole else NOTHING


def member_name(agent: int | None, members: Mapping[int, str]) -> str:
    """The agent of a draft. A member who has been deleted since is a number."""
    if not agent:
        return _("Nobody yet")
    return members.get(agent) or _("Member %(number)d") % {"number": agent}


def category_name(category: str, labels: Mapping[str, str]) -> str:
    """`labels`: of the categories of tickets. Those of articles are words that authors chose."""
    return labels.get(category) or category_in_files(category)


def category_in_files(category: str) -> str:
    """From the slug alone, so that a new label does not change what programs read."""
    return category.replace("_", " ").capitalize() if category else _("No category")
