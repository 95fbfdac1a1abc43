"""Until when a ticket can be snoozed: what the page offers, and any other time. Pure."""

from datetime import UTC, datetime, time, timedelta, tzinfo

MORNING = time(9)
LONGEST = timedelta(days=366)
REPLY = "reply"  # until the customer replies


class Past(ValueError):
    """The time is not in the future."""


class TooLate(ValueError):
    """The time is more than a year away."""


def choices(now: datetime, zone: tzinfo) -> dict[str, datetime]:
    """By key. Hours are counted, days are those of the zone's clocks; a time that they leave out comes an hour later,
    as they show it then."""
    here, at = now.astimezone(zone), now.astimezone(UTC)
    return {
        "1h": at + timedelta(hours=1),
        "4h": at + timedelta(hours=4),
        "tomorrow": _on(here, 1, MORNING),
        "monday": _on(here, 7 - here.weekday(), MORNING),
        "week": _on(here, 7, here.time().replace(fold=0)),
    }


def _on(here: datetime, days: int, clock: time) -> datetime:
    return datetime.combine(here.date() + timedelta(days=days), clock, here.tzinfo).astimezone(UTC)


def read(asked: str, now: datetime, zone: tzinfo) -> datetime | None:
    """`asked`: the key of a choice, or a time, by the zone's clocks if it does not say another; None: REPLY.

    Raises ValueError for what is neither.
    """
    if asked == REPLY:
        return None
    if (found := choices(now, zone).get(asked)) is not None:
        return found
    at = _utc(datetime.fromisoformat(asked), zone)
    if at <= now:
        raise Past(asked)
    if at > now + LONGEST:
        raise TooLate(asked)
    return at


def _utc(at: datetime, zone: tzinfo) -> datetime:
    try:
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:  # one of the first or last hours that there are
        raise ValueError(at) from None
