"""Numbers and dates for people, in the language of the page. `en/` and `de/` are Django's FORMAT_MODULE_PATH."""

from datetime import date
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _


def decimal(value: float, digits: int) -> str:
    """Rounded to `digits` places: 0.25, in German 0,25. (Django's `number_format` would cut a float off.)"""
    return number_format(Decimal(f"{value:.{digits}f}"), digits)


def percent(share: float) -> str:
    """A share from 0 to 1 as whole percent: 25%, in German 25 %."""
    return _("%(number)s%%") % {"number": decimal(share * 100, 0)}


def day_month(day: date) -> str:
    """3 Mar, in German 3. Mär."""
    return date_format(day, "MONTH_DAY_FORMAT")


def day_month_year(day: date) -> str:
    """3 Mar 2026, in German 3. Mär 2026."""
    return date_format(day, "SHORT_DATE_FORMAT")
