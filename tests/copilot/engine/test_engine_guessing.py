"""Which tokens are guessed, and how many: pure."""

import pytest

from copilot.engine.guessing import MOST, SIZES, Costs, Guesser


def known(small: float, large: float) -> Costs:
    costs = Costs()
    costs.step(1, small)
    costs.step(61, large)
    return costs


CPU = known(0.1, 0.8)  # one token more costs an eighth of a step
GPU = known(0.01, 0.012)


def test_what_followed_the_same_tokens_last_time_is_guessed():
    guesser = Guesser()
    assert guesser.guess([1, 2, 3, 4, 5, 9, 1, 2, 3]) == (4, 5, 9, 1, 2, 3)
    assert guesser.guess([1, 2, 3, 4, 5, 9, 1, 2, 3, 7]) == ()


def test_the_longest_match_counts_and_then_the_latest():
    guesser = Guesser()
    assert guesser.guess([1, 2, 3, 4, 8, 2, 3, 5, 1, 2, 3])[:1] == (4,)
    assert guesser.guess([1, 2, 3, 4, 8, 2, 3, 5, 1, 2, 3, 6, 2, 3])[:1] == (6,)


def test_a_text_may_repeat_itself():
    assert Guesser().guess([7, 7, 7, 7])[:1] == (7,)
    assert Guesser().guess([1]) == Guesser().guess([]) == ()


def test_guesses_that_were_right_make_more_likely_and_wrong_ones_less():
    guesser, prompt = Guesser(), [1, 2, 3, 4, 5, 6, 1, 2, 3]
    before = guesser.right
    guesser.guess(prompt)
    guesser.learn([4, 5])
    after = guesser.right
    assert after > before
    guesser.guess(prompt)
    guesser.learn([9])
    assert guesser.right < after
    guesser.learn([4])  # nothing was guessed
    assert guesser.right < after


def test_on_a_cpu_a_writer_alone_guesses_much_when_it_is_mostly_right_and_nothing_when_mostly_wrong():
    assert CPU.worth(0.97, 1) == MOST
    assert CPU.worth(0.6, 1) == SIZES[0]
    assert CPU.worth(0.1, 1) == 0


def test_many_together_fill_a_step_without_guesses():
    """Each token costs nearly as much as without the others, so only good guesses pay."""
    assert CPU.worth(0.6, 1) > 0 == CPU.worth(0.6, 16)


@pytest.mark.parametrize("writers", [1, 8, 16])
def test_on_a_gpu_guesses_cost_next_to_nothing(writers: int):
    assert GPU.worth(0.5, writers) > 0


def test_a_machine_that_gains_nothing_from_larger_steps_guesses_nothing():
    assert known(0.1, 6.1).worth(0.9, 1) == 0
