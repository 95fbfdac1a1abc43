"""When a customer's mood is said to fall or to rise."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.customers.mood import BEFORE, LATEST, Mood, Tone, Trend, mood

DAY = date(2026, 3, 2)
NAMES = {"+": "positive", "0": "neutral", "-": "negative", "!": "urgent"}


def tones(signs: str, each: int = 1) -> list[Tone]:
    """A message for each sign, oldest first, so many days apart."""
    return [Tone(NAMES[sign], DAY + timedelta(days=each * at)) for at, sign in enumerate(signs)]


@pytest.mark.parametrize(
    ("signs", "trend"),
    [
        ("0--", Trend.FALLING),
        ("+00", Trend.FALLING),
        ("00-", Trend.FALLING),  # half a step
        ("000-0", Trend.FALLING),
        ("-00", Trend.RISING),
        ("--0", Trend.RISING),
        ("---0+", Trend.RISING),
        ("000", Trend.STEADY),
        ("---", Trend.STEADY),
        ("-0-0-", Trend.STEADY),
        ("+++++0--", Trend.FALLING),  # what was long before does not count: the latest five are +, +, 0, -, -
        ("+++-----", Trend.STEADY),
    ],
)
def test_the_latest_two_messages_against_those_before(signs: str, trend: Trend) -> None:
    found = mood(tones(signs))
    assert found is not None and found.trend is trend


def test_the_messages_that_show_it_are_named_in_order() -> None:
    assert mood(tones("+++0--")) == Mood(Trend.FALLING, ("positive", "positive", "neutral", "negative", "negative"))


@pytest.mark.parametrize("signs", ["", "-", "--", "!!!", "-!-", "!-!!-!"])
def test_of_fewer_than_three_messages_nothing_is_said(signs: str) -> None:
    assert mood(tones(signs)) is None


def test_of_one_day_nothing_is_said() -> None:
    assert mood(tones("0--", each=0)) is None


def test_a_hurry_is_no_bad_mood_and_mends_none() -> None:
    assert mood(tones("000!!")) == Mood(Trend.STEADY, ("neutral",) * 3)
    assert mood(tones("---!!")) == Mood(Trend.STEADY, ("negative",) * 3)


def test_a_sentiment_that_nobody_knows_is_left_out() -> None:
    assert mood([*tones("0--"), Tone("bored", DAY)]) == mood(tones("0--"))


some = st.text("+0-!", max_size=20)
calm = st.text("+0-", max_size=20)


@given(some)
def test_urgent_messages_change_nothing(signs: str) -> None:
    days = tones(signs)
    assert mood(days) == mood([each for each in days if each.sentiment != "urgent"])


@given(calm)
def test_only_the_latest_five_count(signs: str) -> None:
    assert mood(tones(signs)) == mood(tones(signs)[-(LATEST + BEFORE) :])


@given(calm)
def test_the_opposite_of_all_messages_is_the_opposite_mood(signs: str) -> None:
    opposite = {Trend.FALLING: Trend.RISING, Trend.RISING: Trend.FALLING, Trend.STEADY: Trend.STEADY}
    found, other = mood(tones(signs)), mood(tones(signs.translate(str.maketrans("+-", "-+"))))
    assert (found and opposite[found.trend]) == (other and other.trend)


@given(calm, st.sampled_from("+0-"))
def test_a_worse_last_message_never_brightens_it(signs: str, last: str) -> None:
    order = [Trend.FALLING, Trend.STEADY, Trend.RISING]
    found, worse = mood(tones(signs + last)), mood(tones(signs + "-"))
    if found and worse:
        assert order.index(worse.trend) <= order.index(found.trend)
