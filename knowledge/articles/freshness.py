"""Whether an article is up to date, overdue for review or expired, as a text for readers. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

SOON_DAYS = 14


@dataclass(frozen=True)
class Freshness:
    """`level` is a colour: ok, dim, warn or bad."""

    level: str
    words: str


def freshness(review_by: date | None, expires_at: datetime | None, now: datetime) -> Freshness:
    today = now.date()
    if expires_at and expires_at <= now:
        return Freshness("bad", _("expired on %(date)s") % {"date": date_format(expires_at, "SHORT_DATE_FORMAT")})
    if review_by and review_by < today:
        return Freshness(
            "warn", _("review overdue since %(date)s") % {"date": date_format(review_by, "SHORT_DATE_FORMAT")}
        )
    if review_by and (review_by - today).days <= SOON_DAYS:
        return Freshness("ok", _("review due on %(date)s") % {"date": date_format(review_by, "MONTH_DAY_FORMAT")})
    return Freshness("ok", _("up to date")) if review_by else Freshness("dim", _("no review date"))
