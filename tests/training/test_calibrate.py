"""What the trained writer's "some line answers" is worth (training/calibrate.py)."""

import math
import random
from typing import Any

import pytest

from copilot.drafting.selecting import Calibration
from training.calibrate import Case, areas, cases, fitted, shares


def answer(
    score: float, *, whole: bool = True, task: str = "point", case: str = "1", yes: bool = True
) -> dict[str, Any]:
    about = {"set": "ours", "id": case, "whole": whole, "foreign": False}
    return {"task": task, "score": score, "yes": yes, **about}


@pytest.mark.parametrize(
    ("questions", "score"),
    [((), 0.7), ((0.2, 0.5), 0.5), ((0.2, 0.9), 0.7)],
    ids=["the message alone", "the likeliest question", "never likelier than the message"],
)
def test_a_message_counts_once(questions: tuple[float, ...], score: float) -> None:
    (case,) = cases([answer(0.7), *(answer(each, whole=False) for each in questions), answer(0.1, task="verify")])
    assert case.score == score


def test_trainings_are_compared_by_messages_and_by_pairs() -> None:
    messages = [answer(0.9), answer(0.8, case="2", yes=False), answer(0.1, whole=False, case="2")]
    pairs = [answer(0.3, task="verify"), answer(0.6, task="verify", case="2", yes=False)]
    assert areas([*messages, *pairs]) == {"point, ours": 1.0, "verify, ours": 0.0}


def some(count: int, calibration: Calibration, foreign: bool) -> list[Case]:
    """Cases of which as many are answerable as the calibration says."""
    chance, found = random.Random(5), []  # noqa: S311
    own = calibration.between_languages() if foreign else calibration
    for _ in range(count):
        said = 1 / (1 + math.exp(-chance.gauss(0, 2)))
        found.append(Case("ours", chance.random() < own.probability(said), foreign, said))
    return found


def test_the_calibration_that_made_the_cases_is_found_again() -> None:
    wanted = Calibration(1.0, 0.8, foreign=0.9)
    found = fitted([*some(20_000, wanted, False), *some(20_000, wanted, True)])
    assert (found.bias, found.odds, found.foreign) == pytest.approx((1.0, 0.8, 0.9), abs=0.08)


def test_a_higher_score_answers_less_and_refuses_more() -> None:
    known = [Case("ours", yes, False, said) for yes, said in [(True, 0.9), (True, 0.6), (False, 0.7), (False, 0.1)]]
    assert [shares(known, Calibration(), least) for least in (0.5, 0.65, 0.8)] == [(1, 0.5), (0.5, 0.5), (0.5, 1)]
