"""Until when a ticket can be snoozed."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tickets.snoozing.choices import LONGEST, Past, TooLate, choices, read

BERLIN = ZoneInfo("Europe/Berlin")
# With changes of the clocks by an hour and by half of it, in each half of the year, at midnight, and of a whole day.
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "Pacific/Apia",
    "Asia/Kathmandu",
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
moments = st.datetimes(datetime(2011, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def berlin(*parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=BERLIN, fold=fold)  # type: ignore[misc, arg-type]


def shown(now: datetime) -> dict[str, str]:
    return {key: at.astimezone(BERLIN).strftime("%a %d %b %H:%M") for key, at in choices(now, BERLIN).items()}


def test_on_a_sunday_evening() -> None:
    assert shown(berlin(2026, 11, 29, 20, 30)) == {
        "1h": "Sun 29 Nov 21:30",
        "4h": "Mon 30 Nov 00:30",
        "tomorrow": "Mon 30 Nov 09:00",
        "monday": "Mon 30 Nov 09:00",
        "week": "Sun 06 Dec 20:30",
    }


def test_on_a_monday_it_is_the_next_one() -> None:
    assert shown(berlin(2026, 11, 30, 8, 0))["monday"] == "Mon 07 Dec 09:00"


def test_over_a_change_of_the_clocks_hours_are_counted_and_days_are_those_of_the_clocks() -> None:
    spring = shown(berlin(2026, 3, 29, 0, 30))
    assert (spring["4h"], spring["tomorrow"]) == ("Sun 29 Mar 05:30", "Mon 30 Mar 09:00")
    autumn = shown(berlin(2026, 10, 25, 2, 30))
    assert (autumn["1h"], autumn["week"]) == ("Sun 25 Oct 02:30", "Sun 01 Nov 02:30")


def test_a_time_that_the_clocks_leave_out_comes_an_hour_later() -> None:
    assert shown(berlin(2026, 3, 22, 2, 30))["week"] == "Sun 29 Mar 03:30"


@given(moments, zones)
@example(datetime(2026, 3, 29, 0, 59, tzinfo=UTC), BERLIN)
@example(datetime(2026, 10, 25, 0, 59, tzinfo=UTC), BERLIN)
@example(datetime(2011, 12, 29, 20, 0, tzinfo=UTC), ZoneInfo("Pacific/Apia"))  # the next day did not exist there
def test_every_choice_is_ahead_by_its_length(now: datetime, zone: ZoneInfo) -> None:
    found = choices(now, zone)
    assert (found["1h"] - now, found["4h"] - now) == (timedelta(hours=1), timedelta(hours=4))
    a_day = timedelta(days=1)
    # The clocks of Apia left out a whole day.
    assert timedelta(0) < found["tomorrow"] - now < 3 * a_day
    assert timedelta(0) < found["monday"] - now < 9 * a_day
    assert 5 * a_day < found["week"] - now < 9 * a_day
    for at in found.values():
        assert read(at.isoformat(), now, zone) == at


@given(moments, zones)
def test_mornings_are_at_nine_by_the_clocks_of_the_desk(now: datetime, zone: ZoneInfo) -> None:
    found = choices(now, zone)
    here, tomorrow, monday = (each.astimezone(zone) for each in (now, found["tomorrow"], found["monday"]))
    assert (tomorrow.time(), monday.time(), monday.weekday()) == (time(9), time(9), 0)
    apart = (monday.date() - here.date()).days
    assert 1 <= apart <= 7
    lost = zone.key == "Pacific/Apia" and here.date().isoformat() == "2011-12-29"
    assert (tomorrow.date() - here.date()).days == (2 if lost else 1)


@given(moments, zones)
def test_in_a_week_the_clocks_show_the_same_time_unless_they_leave_it_out(now: datetime, zone: ZoneInfo) -> None:
    here, then = now.astimezone(zone), choices(now, zone)["week"].astimezone(zone)
    wanted = datetime.combine(here.date() + timedelta(days=7), here.time(), zone).replace(fold=0)
    exists = wanted.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wanted.replace(tzinfo=None)
    assert (then.replace(tzinfo=None) == wanted.replace(tzinfo=None)) == exists
    assert then >= wanted


class TestReading:
    NOW = berlin(2026, 11, 29, 10, 0)

    def test_a_choice_by_its_key(self) -> None:
        assert read("tomorrow", self.NOW, BERLIN) == berlin(2026, 11, 30, 9, 0)

    def test_until_the_customer_replies(self) -> None:
        assert read("reply", self.NOW, BERLIN) is None

    def test_a_time_without_zone_is_one_of_the_desk(self) -> None:
        assert read("2026-12-01T08:15", self.NOW, BERLIN) == datetime(2026, 12, 1, 7, 15, tzinfo=UTC)
        assert read("2026-12-01T08:15+00:00", self.NOW, BERLIN) == datetime(2026, 12, 1, 8, 15, tzinfo=UTC)

    @pytest.mark.parametrize("asked", ["2026-11-29T10:00", "2026-11-29T09:59:59", "1999-01-01T00:00"])
    def test_not_in_the_past(self, asked: str) -> None:
        with pytest.raises(Past):
            read(asked, self.NOW, BERLIN)

    def test_a_year_at_most(self) -> None:
        latest = self.NOW + LONGEST
        assert read(latest.isoformat(), self.NOW, BERLIN) == latest
        for asked in ((latest + timedelta(seconds=1)).isoformat(), "9998-12-31T23:00"):
            with pytest.raises(TooLate):
                read(asked, self.NOW, BERLIN)

    @pytest.mark.parametrize(
        "asked", ["", "soon", "2026-02-30T10:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00", "٢٠٢٦-١٢-٠١"]
    )
    def test_what_is_no_time(self, asked: str) -> None:
        with pytest.raises(ValueError, match=".") as refused:
            read(asked, self.NOW, BERLIN)
        assert not isinstance(refused.value, Past | TooLate)
