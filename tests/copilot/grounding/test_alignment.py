"""How near a sentence is to being word for word in its source."""

import pytest

from copilot.grounding.alignment import STRICT, closest
from copilot.grounding.conditions import left_out
from tests.growth import assert_linear

UNITS = [
    "A merge can be undone for 14 days, but only by an administrator.",
    "Gift cards are valid for three years from the day on which they were bought.",
    "Emergency repairs up to €500 can be ordered without asking us, provided you keep the invoice.",
    "The season pass unlocks four chapters. It cannot be moved to another store.",
    "On Free: uploads are deleted after 30 days.",
]
SAME = [
    (0, "A merge can be undone for 14 days, but only by an administrator."),
    (1, "Yes, your gift card is valid for three years from the day on which it was bought."),
    (1, "From the day on which they were bought gift cards are valid for three years."),
    (2, "You can order emergency repairs up to €500 without asking us, provided you keep the invoice."),
    (3, "The season pass cannot be moved to another store."),
    (4, "On Free, uploads are deleted after 30 days."),
]
OTHER = [
    "A merge can be undone for 14 days.",  # without "only by an administrator"
    "A merge can be undone for 14 days, but not by an administrator.",
    "Gift cards are valid for four years from the day on which they were bought.",
    "Gift cards are not valid for three years from the day on which they were bought.",
    "Paid gift cards are valid for three years from the day on which they were bought.",
    "Emergency repairs up to €500 can be ordered without asking us.",
    "Uploads are deleted after 30 days.",  # without "On Free"
    "You can call us at any time.",
]


@pytest.mark.parametrize(("unit", "claim"), SAME)
def test_the_sources_own_sentence(unit: int, claim: str) -> None:
    found = closest(claim, UNITS)
    assert found.distance <= STRICT and found.unit == unit


@pytest.mark.parametrize("claim", OTHER)
def test_one_that_says_something_else(claim: str) -> None:
    assert closest(claim, UNITS).distance > STRICT


def test_two_names_may_not_change_places() -> None:
    assert closest("Teachers see the marks of assistants.", ["Assistants see the marks of teachers."]).distance > STRICT
    assert closest("Guests invite owners.", ["Owners invite guests."]).distance > STRICT


def test_the_order_of_two_steps_may_not_change() -> None:
    assert closest("Scan the code before you restart.", ["Restart before you scan the code."]).distance > STRICT


def test_without_units_nothing_is_near() -> None:
    found = closest("A merge can be undone.", [])
    assert found.unit is None and found.distance > STRICT


def test_a_condition_that_is_left_out() -> None:
    units = ["A backup can be opened with the recovery sheet if the key is lost."]
    assert left_out("A backup can be opened with the recovery sheet.", units) == 1.0
    assert left_out("A backup can be opened with the recovery sheet if the key is lost.", units) == 0.0
    assert left_out("Only this.", ["Unless."]) == left_out("", []) == 0.0


def test_of_a_unit_without_end_only_the_beginning_is_read() -> None:
    endless = "One, and two. " * 10_000
    assert_linear(lambda text: closest("A merge can be undone.", [text]), lambda n: endless[:n])
