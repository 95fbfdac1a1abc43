"""tests/growth.py itself: linear code passes, other code fails."""

import re

import pytest

from tests import growth
from tests.growth import TooSlow, assert_linear


def test_linear_code_passes() -> None:
    assert_linear(lambda text: re.sub(r"a+", "b", text), lambda n: "a" * n)
    assert_linear(str.split, lambda n: "word " * (n // 5), sizes=(200_000, 800_000))


def test_a_quadratic_pattern_is_caught() -> None:
    with pytest.raises(AssertionError, match="× the time|CPU time"):
        assert_linear(lambda text: re.findall(r"a+b", text), lambda n: "a" * n, sizes=(2_500, 20_000))


def test_code_that_does_not_return_is_stopped() -> None:
    with pytest.raises(TooSlow):
        growth.cpu_seconds(lambda text: re.match(r"(a+)+$", text), "a" * 40 + "b", most=0.3)
