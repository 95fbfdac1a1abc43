"""Periods that the queue is filtered by: both forms, in days of the desk's time zone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import QueryDict

from tests import cast
from tickets.models import Ticket, User
from tickets.queue import filters, periods
from tickets.queue.fields import Asked

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)


def passed(user: User, address: str, now: datetime = NOON) -> list[Ticket]:
    where = filters.from_address(QueryDict(address)).where(Asked(user, now))
    return list(Ticket.objects.filter(where).order_by("pk"))


def created(*moments: datetime) -> list[Ticket]:
    return [cast.new_ticket(created_at=moment) for moment in moments]


def utc(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(("value", "first"), [("today", (3, 18)), ("7d", (3, 12)), ("30d", (2, 17))])
def test_the_last_days_begin_at_midnight_and_today_is_one_of_them(
    mira: User, value: str, first: tuple[int, int]
) -> None:
    start = utc(*first, 0)
    inside, _ = created(start, start - timedelta(seconds=1))
    assert passed(mira, f"created={value}") == [inside]


def test_a_period_holds_its_first_and_its_last_day(mira: User) -> None:
    _, *inside, _ = created(utc(3, 1, 23, 59), utc(3, 2, 0), utc(3, 4, 23, 59), utc(3, 5, 0))
    assert passed(mira, "created=2026-03-02..2026-03-04") == inside


@pytest.mark.parametrize(("value", "kept"), [("2026-03-03..", [1, 2]), ("..2026-03-03", [0, 1])])
def test_either_end_of_a_period_may_be_open(mira: User, value: str, kept: list[int]) -> None:
    made = created(utc(3, 2, 12), utc(3, 3, 12), utc(3, 4, 12))
    assert passed(mira, f"created={value}") == [made[each] for each in kept]


def test_a_period_written_the_wrong_way_round_is_the_same_period(mira: User) -> None:
    _, inside = created(utc(3, 1, 12), utc(3, 3, 12))
    assert passed(mira, "created=2026-03-04..2026-03-02") == [inside]
    assert passed(mira, "created_from=2026-03-04&created_to=2026-03-02") == [inside]


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ("created_from=2026-03-02&created_to=2026-03-04", "2026-03-02..2026-03-04"),
        ("created_from=2026-03-02&created_to=", "2026-03-02.."),
        ("created_from=&created_to=2026-03-04", "..2026-03-04"),
        ("created=&created_from=2026-03-02&created_to=", "2026-03-02.."),
        ("created=7d&created_from=2026-03-02&created_to=", "7d"),  # the shorter form counts
    ],
)
def test_a_form_may_have_the_ends_in_two_fields(fields: str, value: str) -> None:
    found = filters.from_address(QueryDict(fields))
    assert (found.pairs(), found.unknown) == ([("created", value)], ())


def test_days_are_those_of_the_desk(mira: User, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"  # nine hours ahead: its 18 March begins on the 17th at 15:00 UTC
    _, first, last, _ = created(utc(3, 17, 14, 59), utc(3, 17, 15), utc(3, 18, 14, 59), utc(3, 18, 15))
    assert passed(mira, "created=2026-03-18..2026-03-18") == [first, last]
    assert passed(mira, "created=today", utc(3, 17, 20))[0] == first


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        ((3, 29), utc(3, 28, 23), utc(3, 29, 22)),  # summer time begins: 23 hours
        ((10, 25), utc(10, 24, 22), utc(10, 25, 23)),  # and ends: 25 hours
    ],
)
def test_a_day_on_which_the_clocks_change_is_a_whole_day(
    mira: User, settings: Any, day: tuple[int, int], before: datetime, after: datetime
) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    minute = timedelta(minutes=1)
    _, first, last, _ = created(before - minute, before, after - minute, after)
    date = f"2026-{day[0]:02}-{day[1]:02}"
    assert passed(mira, f"created={date}..{date}") == [first, last]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("today", "today"),
        ("2026-03-02..2026-03-04", "2 Mar 2026 to 4 Mar 2026"),
        ("2026-03-04..2026-03-02", "2 Mar 2026 to 4 Mar 2026"),
        ("2026-03-02..", "since 2 Mar 2026"),
        ("..2026-03-04", "until 4 Mar 2026"),
    ],
)
def test_a_period_is_said_in_words(value: str, said: str) -> None:
    assert periods.label(value) == said


@pytest.mark.parametrize(
    "value",
    ["", "..", "2026-03-02", "x..y", "2026-02-30..", "2026-03-02..x", "1..2..3", "1969-12-31..", "..9001-01-01", "8d"],
)
def test_anything_else_is_no_period(value: str) -> None:
    assert not periods.is_one(value)


@pytest.mark.parametrize("value", ["1970-01-01..9000-12-31", "..1970-01-01", "9000-12-31.."])
def test_the_earliest_and_the_latest_day_are_no_error(mira: User, ticket: Ticket, value: str) -> None:
    assert passed(mira, f"created={value}") in ([], [ticket])
