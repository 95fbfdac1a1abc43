"""Periods that the queue is filtered by: "7d" for the last seven days, or "2026-03-01..2026-03-31", either end open."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LAST = {
    "today": (1, gettext_lazy("today")),
    "7d": (7, gettext_lazy("last 7 days")),
    "30d": (30, gettext_lazy("last 30 days")),
    "90d": (90, gettext_lazy("last 90 days")),
    "365d": (365, gettext_lazy("last 12 months")),
}
BETWEEN = ".."


def is_one(value: str) -> bool:
    return value in LAST or _ends(value) is not None


def between(start: str, end: str) -> str:
    """The period of two fields of a form, empty if neither is a date."""
    value = f"{start}{BETWEEN}{end}"
    return value if _ends(value) else ""


def ends(value: str) -> tuple[str, str]:
    """What the two fields of a form hold for a period."""
    found = _ends(value)
    return ("", "") if found is None else (_iso(found[0]), _iso(found[1]))


def read(value: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """From when, and before when. Days are those of the desk's time zone; the last day counts."""
    if value in LAST:
        return _midnight(timezone.localdate(now) - timedelta(days=LAST[value][0] - 1)), None
    start, end = _ends(value) or (None, None)
    return _midnight(start) if start else None, _midnight(end + timedelta(days=1)) if end else None


def label(value: str) -> str:
    if value in LAST:
        return str(LAST[value][1])
    start, end = (each and date_format(each, "SHORT_DATE_FORMAT") for each in _ends(value) or (None, None))
    if start and end:
        return _("%(start)s to %(end)s") % {"start": start, "end": end}
    return _("since %(day)s") % {"day": start} if start else _("until %(day)s") % {"day": end}


def _ends(value: str) -> tuple[date | None, date | None] | None:
    """None if it is no period. The order of the two does not matter."""
    parts = value.split(BETWEEN)
    if len(parts) != 2 or not any(parts):
        return None
    try:
        start, end = (date.fromisoformat(part) if part else None for part in parts)
    except ValueError:
        return None
    if any(each and not 1970 <= each.year <= 9000 for each in (start, end)):
        return None
    return (end, start) if start and end and end < start else (start, end)


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
