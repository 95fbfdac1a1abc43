"""When a customer's mood is said to fall or to rise."""

from datetime import date, timedelta
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.customers.mood import BEFORE, LATEST, SCORES, Mood, Tone, Trend, mood

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
        ("000-0", Trend.UNSTEADY),  # the last one is as those before
        ("--0-", Trend.UNSTEADY),
        ("++-0+", Trend.UNSTEADY),
        ("-0+0", Trend.RISING),
        ("-00", Trend.RISING),
        ("--0", Trend.RISING),
        ("---0+", Trend.RISING),
        ("000", Trend.STEADY),
        ("---", Trend.STEADY),
        ("-0-0-", Trend.UNSTEADY),
        ("+++++0--", Trend.FALLING),  # what was long before does not count: the latest five are +, +, 0, -, -
        ("+++-----", Trend.STEADY),
    ],
)
def test_the_latest_two_messages_against_those_before(signs: str, trend: Trend) -> None:
    found = mood(tones(signs))
    assert found is not None and found.trend is trend


@pytest.mark.parametrize(
    ("signs", "shown"),
    [
        ("+++0--", ("neutral", "negative")),
        ("+--0+", ("negative", "positive")),  # not from positive to positive
        ("-++++", ("negative", "positive")),
        ("+0-+-0-", ("negative",)),
        ("---", ("negative",)),
    ],
)
def test_the_sentiments_that_show_it(signs: str, shown: tuple[str, ...]) -> None:
    found = mood(tones(signs))
    assert found and found.sentiments == shown


def test_it_is_estimated_unless_agents_corrected_all_that_count() -> None:
    corrected = [each._replace(estimated=False) for each in tones("+++0--")]
    assert mood(corrected) == Mood(Trend.FALLING, ("neutral", "negative"), estimated=False)
    one = [*corrected[:3], corrected[3]._replace(estimated=True), *corrected[4:]]
    assert mood(one) == Mood(Trend.FALLING, ("neutral", "negative"), estimated=True)
    long_ago = [corrected[0]._replace(estimated=True), *corrected[1:]]
    assert mood(long_ago) == mood(corrected)


@pytest.mark.parametrize("signs", ["", "-", "--", "!!!", "-!-", "!-!!-!"])
def test_of_fewer_than_three_messages_nothing_is_said(signs: str) -> None:
    assert mood(tones(signs)) is None


def test_of_one_day_nothing_is_said() -> None:
    assert mood(tones("0--", each=0)) is None


def test_a_hurry_is_no_bad_mood_and_mends_none() -> None:
    assert mood(tones("000!!")) == Mood(Trend.STEADY, ("neutral",), estimated=True)
    assert mood(tones("---!!")) == Mood(Trend.STEADY, ("negative",), estimated=True)


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
    opposite = {each: each for each in Trend} | {Trend.FALLING: Trend.RISING, Trend.RISING: Trend.FALLING}
    found, other = mood(tones(signs)), mood(tones(signs.translate(str.maketrans("+-", "-+"))))
    assert (found and opposite[found.trend]) == (other and other.trend)


@given(calm, st.sampled_from("+0-"))
def test_a_worse_last_message_never_brightens_it(signs: str, last: str) -> None:
    order = {Trend.FALLING: 0, Trend.STEADY: 1, Trend.UNSTEADY: 1, Trend.RISING: 2}
    found, worse = mood(tones(signs + last)), mood(tones(signs + "-"))
    if found and worse:
        assert order[worse.trend] <= order[found.trend]


@given(calm)
def test_it_ends_on_the_side_that_it_is_said_to_move_to(signs: str) -> None:
    if found := mood(tones(signs)):
        scores = [SCORES[NAMES[sign]] for sign in signs][-(LATEST + BEFORE) :]
        before = fmean(scores[:-LATEST])
        assert found.trend is not Trend.RISING or scores[-1] > before
        assert found.trend is not Trend.FALLING or scores[-1] < before
        assert (found.trend is Trend.STEADY) == (len(set(scores)) == 1)


@given(calm)
def test_the_sentiments_that_are_shown_are_there_and_move_that_way(signs: str) -> None:
    if found := mood(tones(signs)):
        assert found.sentiments[-1] == NAMES[signs[-1]] and {*found.sentiments} <= {NAMES[sign] for sign in signs}
        step = SCORES[found.sentiments[-1]] - SCORES[found.sentiments[0]]
        assert {1: Trend.RISING, -1: Trend.FALLING}.get((step > 0) - (step < 0), found.trend) is found.trend
        assert len(found.sentiments) == 1 + (found.trend in (Trend.RISING, Trend.FALLING)) and (
            step or len(found.sentiments) == 1
        )
