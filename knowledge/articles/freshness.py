"""How old an article is, in words that a reader can act on. Pure."""

from dataclasses import dataclass
from datetime import date, datetime

SOON_DAYS = 14


@dataclass(frozen=True)
class Freshness:
    """`level`: ok, dim, warn or bad, the names of the colours."""

    level: str
    words: str


def freshness(review_by: date | None, expires_at: datetime | None, now: datetime) -> Freshness:
    today = now.date()
    if expires_at and expires_at <= now:
        return Freshness("bad", f"expired {expires_at:%-d %b %Y}")
    if review_by and review_by < today:
        return Freshness("warn", f"stale: review was due {review_by:%-d %b %Y}")
    if review_by and (review_by - today).days <= SOON_DAYS:
        return Freshness("ok", f"review due {review_by:%-d %b}")
    return Freshness("ok", "fresh") if review_by else Freshness("dim", "no review date")
