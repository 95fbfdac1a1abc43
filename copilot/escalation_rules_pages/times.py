"""Minutes as a number and a unit, and in words."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from config.numbers import whole
from copilot.escalation.rules import MOST_MINUTES
from copilot.rule_forms import Options

MINUTE, HOUR, DAY = 1, 60, 60 * 24
UNITS: Options = {str(MINUTE): _("minutes"), str(HOUR): _("hours"), str(DAY): _("days")}


def split(minutes: int) -> tuple[str, str]:
    """In the largest unit without a rest: 90 stays 90 minutes, 240 becomes 4 hours."""
    unit = next(unit for unit in (DAY, HOUR, MINUTE) if minutes % unit == 0)
    return str(minutes // unit), str(unit)


def minutes(number: str, unit: str) -> int | None:
    """None if this is no time from 1 minute to MOST_MINUTES."""
    count = whole(number.strip(), MOST_MINUTES)
    found = (count or 0) * int(unit)
    return found if 1 <= found <= MOST_MINUTES else None


def words(minutes: int) -> str:
    """90 minutes, 4 hours, 1 day."""
    number, unit = split(minutes)
    count = int(number)
    said = {
        MINUTE: ngettext("%(count)d minute", "%(count)d minutes", count),
        HOUR: ngettext("%(count)d hour", "%(count)d hours", count),
        DAY: ngettext("%(count)d day", "%(count)d days", count),
    }
    return said[int(unit)] % {"count": count}
