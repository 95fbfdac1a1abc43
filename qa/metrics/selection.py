"""Which drafts are looked at: the period and the filters, read from the address and written back into it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from django.utils import timezone

PRESETS = (7, 28, 90)
DEFAULT = 28
LONGEST = 366  # days a custom period may have
DAILY = 31  # up to so many days are plotted by day, longer periods by week
NOBODY = "none"  # in the address: nobody has judged it yet
UNCATEGORISED = "none"  # in the address: a ticket without a category


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
        """The first moment that no longer belongs to it."""
        return _midnight(self.last + timedelta(days=1))

    @property
    def before(self) -> "Period":
        """As many days, directly before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))

    @property
    def step(self) -> str:
        return "day" if self.days <= DAILY else "week"

    def buckets(self) -> list["Period"]:
        """The period cut into days, or into weeks from Monday; the outer weeks may be shorter."""
        cut, start = [], self.first
        while start <= self.last:
            end = start if self.step == "day" else start + timedelta(days=6 - start.weekday())
            cut.append(Period(start, min(end, self.last)))
            start = end + timedelta(days=1)
        return cut

    def __str__(self) -> str:
        first, last = f"{self.first:%-d %b}", f"{self.last:%-d %b %Y}"
        if self.first == self.last:
            return last
        return f"{first} – {last}" if self.first.year == self.last.year else f"{first} {self.first.year} – {last}"


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def last_days(days: int, today: date) -> Period:
    return Period(today - timedelta(days=days - 1), today)


@dataclass(frozen=True)
class Selection:
    """`agent` and `category` are None for all; `agent` 0 is nobody, `category` "" is none."""

    period: Period
    preset: int | None = DEFAULT
    team: int | None = None
    agent: int | None = None
    category: str | None = None

    def on(self, period: Period) -> "Selection":
        return replace(self, period=period, preset=None)

    def filters(self) -> dict[str, str]:
        """What narrows the period, as in the address."""
        found = {
            "team": None if self.team is None else str(self.team),
            "agent": None if self.agent is None else str(self.agent or NOBODY),
            "category": None if self.category is None else self.category or UNCATEGORISED,
        }
        return {name: value for name, value in found.items() if value is not None}

    def query(self, **more: object) -> str:
        """The address's query, with fixed dates, so that a kept link shows the same rows tomorrow."""
        dates = {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        return urlencode(dates | self.filters() | more)

    def page_query(self) -> str:
        """The query of the overview itself: a preset stays one and moves on with the calendar."""
        return urlencode({"days": self.preset} | self.filters()) if self.preset else self.query()


def read(
    params: Mapping[str, str], today: date, teams: Iterable[int], agents: Iterable[int]
) -> tuple[Selection, list[str]]:
    """The selection asked for, and what could not be understood; each bad value leaves its default."""
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
    errors.append(f"“{asked[:20]}” is not one of the periods 7, 28 and 90 days. Shown are the last {DEFAULT} days.")
    return default, DEFAULT


def _custom(params: Mapping[str, str], today: date, errors: list[str]) -> Period | None:
    kept = f"Shown are the last {DEFAULT} days."
    found: list[date] = []
    for name in ("from", "to"):
        text = params.get(name) or (today.isoformat() if name == "to" else "")
        try:
            found.append(date.fromisoformat(text))
        except ValueError:
            why = f"“{text[:20]}” is not a date; write it like {today.isoformat()}" if text else "the date is missing"
            errors.append(f"{name.capitalize()}: {why}. {kept}")
    if len(found) < 2:
        return None
    first, last = found
    if first > last:
        errors.append(f"The period ends ({last}) before it starts ({first}). {kept}")
    elif last > today:
        errors.append(f"The period ends on {last}, which has not come yet. {kept}")
    elif (last - first).days >= LONGEST:
        errors.append(f"A period has at most {LONGEST} days; this one has {(last - first).days + 1}. {kept}")
    elif first.year < 2000:
        errors.append(f"From: nothing was written in {first.year}. {kept}")
    else:
        return Period(first, last)
    return None


def _known(params: Mapping[str, str], name: str, known: Iterable[int], errors: list[str]) -> int | None:
    text = params.get(name, "")
    if not text:
        return None
    for number in known:
        if text == str(number):
            return number
    errors.append(f"There is no {name} “{text[:20]}”. Shown is every {name}.")
    return None
