"""Period and filters in the address, and what happens when they make no sense."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.metrics.selection import Period, Selection, last_days, read

TODAY = date(2026, 3, 18)  # a Wednesday
LAST = last_days(28, TODAY)


def asked(**params: str) -> tuple[Selection, list[str]]:
    return read({name.rstrip("_"): value for name, value in params.items()}, TODAY, [1, 2], [5])


def test_default_is_the_last_28_days() -> None:
    chosen, errors = asked()
    assert chosen == Selection(Period(date(2026, 2, 19), TODAY), 28) and not errors


@pytest.mark.parametrize("days", [7, 28, 90])
def test_presets(days: int) -> None:
    chosen, errors = asked(days=str(days))
    assert chosen.period.days == days and chosen.preset == days and not errors


def test_custom_period_includes_both_ends() -> None:
    chosen, errors = asked(from_="2026-03-01", to="2026-03-01")
    assert chosen.period.days == 1 and chosen.preset is None and not errors
    assert chosen.period.end - chosen.period.start == timedelta(days=1)


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"days": "14"}, "not one of the periods"),
        ({"days": "-7"}, "not one of the periods"),
        ({"from_": "yesterday"}, "“yesterday” is not a date"),
        ({"from_": "2026-02-30", "to": "2026-03-01"}, "not a date"),
        ({"to": "2026-03-01"}, "From: no date."),
        ({"from_": "2026-03-02", "to": "2026-03-01"}, "ends (2026-03-01) before it starts"),
        ({"from_": "2026-03-02", "to": "2026-03-19"}, "ends in the future (2026-03-19)"),
        ({"from_": "2025-01-01", "to": "2026-03-01"}, "at most 366 days"),
        ({"from_": "0001-01-01", "to": "0001-01-02"}, "no drafts from 1."),
        ({"team": "3"}, "There is no team “3”"),
        ({"agent": "x"}, "There is no agent “x”"),
    ],
)
def test_bad_values_are_named_and_the_default_kept(params: dict[str, str], says: str) -> None:
    chosen, errors = asked(**params)
    assert chosen == Selection(LAST, 28)
    assert any(says in error for error in errors), errors


def test_previous_period_is_as_long_and_directly_before() -> None:
    assert LAST.before == Period(date(2026, 1, 22), date(2026, 2, 18))
    assert LAST.before.end == LAST.start


@given(st.dates(date(2001, 1, 1), date(2030, 1, 1)), st.integers(0, 365))
def test_buckets_cover_each_day_once(first: date, more: int) -> None:
    period = Period(first, first + timedelta(days=more))
    buckets = period.buckets()
    assert buckets[0].first == period.first and buckets[-1].last == period.last
    assert sum(bucket.days for bucket in buckets) == period.days
    assert all(
        after.first - before.last == timedelta(days=1) for before, after in zip(buckets, buckets[1:], strict=False)
    )
    if period.step == "week":
        assert all(bucket.first.weekday() == 0 for bucket in buckets[1:])


def test_address_is_read_back_as_it_was_written() -> None:
    chosen, _ = asked(days="7", team="2", agent="none", category="none")
    assert (chosen.team, chosen.agent, chosen.category) == (2, 0, "")
    pairs = dict(pair.split("=") for pair in chosen.query().split("&"))
    assert read(pairs, TODAY, [2], [])[0] == chosen.on(chosen.period)
