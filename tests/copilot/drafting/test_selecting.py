"""Which units answer, and how probable it is."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting import min_score
from copilot.drafting.pointing import Pointed
from copilot.drafting.selecting import FITTED, MOST_UNITS, MOST_WORDS, said_by, select
from copilot.evidence.lengths import size

SHORT = [f"Sentence number {number}." for number in range(9)]
EVEN = [0.0] * 9
WILD = st.floats(allow_nan=False, allow_infinity=False)
SHARES = st.floats(0, 1)


def pointed(*units: int, none: float = 0.1, among: int = 9) -> Pointed:
    """The model shares what is not `none` among the units with these numbers."""
    shares = [(1 - none) / len(units) if number in units else 0.0 for number in range(1, among + 1)]
    return Pointed(none, tuple(shares))


class TestTheUnits:
    def test_the_model_decides_where_the_search_does_not(self) -> None:
        assert select(EVEN, SHORT, pointed(4)).numbers == (4,)

    def test_the_search_decides_where_the_model_does_not(self) -> None:
        best = [0.0, 0.0, 45.0, *EVEN[3:]]
        assert select(best, SHORT, pointed(*range(1, 10))).numbers == (3,)
        assert select(best, SHORT, None).numbers == (3,)

    def test_both_votes_count(self) -> None:
        best = [0.0, 0.0, 22.0, *EVEN[3:]]
        assert select(best, SHORT, pointed(4)).numbers == (3, 4)

    def test_they_are_in_reading_order(self) -> None:
        scores = [1.0, 1.2, 1.4]
        assert select(scores, SHORT[:3], pointed(1, 2, 3, among=3)).numbers == (1, 2, 3)

    def test_what_hardly_answers_is_left_out(self) -> None:
        assert select([10.0, 9.0, 2.0], SHORT[:3], None).numbers == (1, 2)

    def test_there_are_at_most_three_of_many_that_answer_alike(self) -> None:
        assert len(select(EVEN, SHORT, pointed(1, 2, 3, 4, 5)).numbers) == MOST_UNITS

    def test_together_they_are_short(self) -> None:
        long = ["word " * (MOST_WORDS // 2 + 1)] * 3
        assert len(select([0.0] * 3, long, None).numbers) == 1

    def test_several_questions_share_the_room(self) -> None:
        texts = ["word " * 40] * 2 + ["other " * 40]
        assert len(select([0.0, -90.0, 0.0], texts, None).numbers) == 2
        assert len(select([0.0, -90.0, 0.0], texts, None, questions=2).numbers) == 1

    def test_one_is_taken_however_long(self) -> None:
        assert select([0.0], ["word " * 1000], None).numbers == (1,)

    def test_a_draft_that_is_asked_for_again_has_more(self) -> None:
        sure = pointed(4)
        assert [len(select(EVEN, SHORT, sure, extra).numbers) for extra in range(3)] == [1, 2, 3]
        assert 4 in select(EVEN, SHORT, sure, extra=2).numbers

    def test_without_units_nothing_answers(self) -> None:
        assert select([], [], None).numbers == ()
        assert select([], [], Pointed(1.0, ())).probability == 0


class TestTheProbability:
    @given(st.floats(0, 1), st.floats(0, 1))
    def test_it_falls_with_the_models_none(self, none: float, more: float) -> None:
        low, high = sorted([none, more])
        sure, less = (select([9.0, 0.0], SHORT[:2], Pointed(each, (0.5, 0.2))).probability for each in (low, high))
        assert sure >= less

    @given(st.floats(0.01, 1), st.floats(0.01, 1))
    def test_it_rises_with_the_models_best_unit(self, one: float, other: float) -> None:
        low, high = sorted([one, other])
        less, sure = (select([9.0, 0.0], SHORT[:2], Pointed(0.2, (each, 0.01))).probability for each in (low, high))
        assert sure >= less

    def test_a_model_that_is_sure_makes_the_difference(self) -> None:
        no, yes = (select(EVEN, SHORT, pointed(1, none=none)).probability for none in (0.999, 0.001))
        assert no < 0.1 and yes > 0.9

    def test_between_two_languages_the_model_is_less_sure_of_what_answers(self) -> None:
        same, foreign = (
            select(EVEN, SHORT, pointed(1, none=0.6), calibration=each).probability
            for each in (FITTED, FITTED.between_languages())
        )
        assert same < foreign < 1

    def test_the_search_cannot_tell(self) -> None:
        good, bad = [30.0, *EVEN[1:]], EVEN
        for said in (None, pointed(1)):
            assert select(good, SHORT, said).probability == select(bad, SHORT, said).probability

    def test_without_the_model_it_is_neither_refused_nor_sure(self) -> None:
        assert min_score.UNMEASURED < select(EVEN, SHORT, None).probability < min_score.SURE


@given(st.data())
def test_no_number_is_too_wild(data: st.DataObject) -> None:
    count = data.draw(st.integers(0, 9))
    scores = data.draw(st.lists(WILD, min_size=count, max_size=count))
    texts = data.draw(st.lists(st.text(), min_size=count, max_size=count))
    shares = data.draw(st.lists(SHARES, min_size=count, max_size=count))
    said = data.draw(st.sampled_from([None, Pointed(data.draw(SHARES), tuple(shares))]))
    extra = data.draw(st.integers(0, 2))
    found = select(scores, texts, said, extra)
    assert math.isfinite(found.probability) and 0 <= found.probability <= 1
    assert bool(found.numbers) is bool(count)
    assert list(found.numbers) == sorted(set(found.numbers)) and set(found.numbers) <= set(range(1, count + 1))
    assert len(found.numbers) <= MOST_UNITS + extra
    assert len(found.numbers) <= 1 or sum(size(texts[number - 1]) for number in found.numbers) <= MOST_WORDS


class TestRepeats:
    @pytest.mark.parametrize(
        ("other", "numbers"),
        [
            ("An invoice is sent by email after each payment.", (1, 3)),
            ("An invoice is sent by email after each second payment.", (1, 2, 3)),
            ("No invoice is sent by email after each payment.", (1, 2, 3)),
        ],
    )
    def test_what_a_better_unit_says_already_is_left_out(self, other: str, numbers: tuple[int, ...]) -> None:
        texts = ["An invoice is sent to you by email after each payment.", other, "Log in first."]
        assert select([9.0, 8.9, 8.8], texts, pointed(1, 2, 3, among=3)).numbers == numbers

    def test_of_two_units_of_which_one_holds_the_other_the_longer_stays(self) -> None:
        short = "You can change your plan at any time. This works the same with monthly and yearly payment."
        longer = f"{short} See the prices for details."
        assert said_by([0, 1, 2], [short, longer, "Log in first."]) == {0: 1, 1: 1, 2: 2}
        assert said_by([0, 1, 2], [longer, short, "Log in first."]) == {0: 0, 1: 0, 2: 2}
        other = "You can change your plan once a month. See the prices for details."
        assert said_by([0, 1], [short, other]) == {0: 0, 1: 1}
