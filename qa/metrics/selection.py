"""Which drafts a page is about: period and filters, read from the address and written back into it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from config import formats
from tickets.models.categories import NO_CATEGORY

PRESETS = (7, 28, 90)
DEFAULT = 28
LONGEST = 366  # days, of a custom period
DAILY = 31  # days; longer periods are plotted by week
NOBODY = "none"  # in the address: drafts without an agent
UNCATEGORISED = NO_CATEGORY


@dataclass(frozen=True)
class Period:
    """Whole days in the installation's time zone, both ends included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def start(self) -> datetime:
        return _midnight(self.first)

    @property
    def end(self) -> datetime:
        """Midnight after the last day."""
        return _midnight(self.last + timedelta(days=1))

    @property
    def before(self) -> "Period":
        """The period of the same length directly before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    @property
    def daily(self) -> bool:
        return self.days <= DAILY

    @property
    def step(self) -> str:
        """Name of a bucket in CSV."""
        return "day" if self.daily else "week"

    def buckets(self) -> list["Period"]:
        """The days of the period, or its weeks from Monday. The first and last week may be shorter."""
        cut, start = [], self.first
        while start <= self.last:
            end = start if self.daily else start + timedelta(days=6 - start.weekday())
            cut.append(Period(start, min(end, self.last)))
            start = end + timedelta(days=1)
        return cut

    def __str__(self) -> str:
        last = formats.day_month_year(self.last)
        if self.first == self.last:
            return last
        same_year = self.first.year == self.last.year
        first = formats.day_month(self.first) if same_year else formats.day_month_year(self.first)
        return f"{first} – {last}"


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def last_days(days: int, today: date) -> Period:
    return Period(today - timedelta(days=days - 1), today)


@dataclass(frozen=True)
class Selection:
    """`agent` and `category` are None for all, 0 and "" for drafts without one."""

    period: Period
    preset: int | None = DEFAULT
    team: int | None = None
    agent: int | None = None
    category: str | None = None

    def on(self, period: Period) -> "Selection":
        return replace(self, period=period, preset=None)

    def filters(self) -> dict[str, str]:
        """The filters beside the period, as in the address."""
        found = {
            "team": None if self.team is None else str(self.team),
            "agent": None if self.agent is None else str(self.agent or NOBODY),
            "category": None if self.category is None else self.category or UNCATEGORISED,
        }
        return {name: value for name, value in found.items() if value is not None}

    def query(self, **more: object) -> str:
        """The query string with fixed dates, so that a saved link shows the same rows tomorrow."""
        dates = {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        return urlencode(dates | self.filters() | more)

    def page_query(self) -> str:
        """The query string of the overview: “last 28 days” stays that and moves on with the calendar."""
        return urlencode({"days": self.preset} | self.filters()) if self.preset else self.query()


def read(
    params: Mapping[str, str], today: date, teams: Iterable[int], agents: Iterable[int]
) -> tuple[Selection, list[str]]:
    """The selection in the address, and what is wrong with it. A wrong value counts as its default."""
    errors: list[str] = []
    period, preset = _period(params, today, errors)
    agent = 0 if params.get("agent") == NOBODY else _known(params, "agent", agents, errors)
    category = params.get("category", "")[:40] or None
    return (
        Selection(
            period=period,
            preset=preset,
            team=_known(params, "team", teams, errors),
            agent=agent,
            category="" if category == UNCATEGORISED else category,
        ),
        errors,
    )


def _period(params: Mapping[str, str], today: date, errors: list[str]) -> tuple[Period, int | None]:
    default = last_days(DEFAULT, today)
    if params.get("from") or params.get("to"):
        custom = _custom(params, today, errors)
        return (custom, None) if custom else (default, DEFAULT)
    asked = params.get("days") or str(DEFAULT)
    for preset in PRESETS:
        if asked == str(preset):
            return last_days(preset, today), preset
    wrong = _("“%(value)s” is not one of the periods 7, 28 and 90 days.") % {"value": asked[:20]}
    errors.append(f"{wrong} {_fallback()}")
    return default, DEFAULT


def _custom(params: Mapping[str, str], today: date, errors: list[str]) -> Period | None:
    first = _date(params.get("from", ""), today, pgettext("period", "From"), errors)
    last = _date(params.get("to") or today.isoformat(), today, pgettext("period", "To"), errors)
    if first is None or last is None:
        return None
    wrong = _wrong(first, last, today)
    if wrong:
        errors.append(f"{wrong} {_fallback()}")
        return None
    return Period(first, last)


def _date(text: str, today: date, field: str, errors: list[str]) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        wrong = _("%(field)s: “%(value)s” is not a date. Write it like %(example)s.")
        if not text:
            wrong = _("%(field)s: no date.")
        filled = wrong % {"field": field, "value": text[:20], "example": today.isoformat()}
        errors.append(f"{filled} {_fallback()}")
        return None


def _wrong(first: date, last: date, today: date) -> str:
    """Why there can be no period with these ends. Empty if there can."""
    if first > last:
        return _("The period ends (%(last)s) before it starts (%(first)s).") % {"first": first, "last": last}
    if last > today:
        return _("The period ends in the future (%(last)s).") % {"last": last}
    days = (last - first).days + 1
    if days > LONGEST:
        return _("A period has at most %(most)d days. This one has %(days)d.") % {"most": LONGEST, "days": days}
    if first.year < 2000:
        return _("There are no drafts from %(year)d.") % {"year": first.year}
    return ""


def _fallback() -> str:
    return _("The last %(days)d days are shown instead.") % {"days": DEFAULT}


def _known(params: Mapping[str, str], name: str, known: Iterable[int], errors: list[str]) -> int | None:
    text = params.get(name, "")
    if not text:
        return None
    for number in known:
        if text == str(number):
            return number
    unknown = {
        "team": _("There is no team “%(value)s”. All teams are shown instead."),
        "agent": _("There is no agent “%(value)s”. All agents are shown instead."),
    }
    errors.append(unknown[name] % {"value": text[:20]})
    return None
