"""How good a classifier is."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.triage import figures

TRUTH = ["billing", "billing", "account", "account"]
SAID = ["billing", "account", "account", "account"]


def test_accuracy_macro_f1_coverage_and_accuracy_where_it_is_sure() -> None:
    found = figures.figures(TRUTH, SAID, [0.9, 0.5, 0.7, 0.6])
    assert found["rows"] == 4 and found["accuracy"] == 0.75
    assert found["macro_f1"] == pytest.approx((2 / 3 + 0.8) / 2, abs=1e-4)
    assert found["coverage@0.7"] == 0.5 and found["accuracy@0.7"] == 1.0


def test_a_class_that_is_said_but_never_true_does_not_count_in_macro_f1() -> None:
    assert figures.figures(["a", "a"], ["a", "b"], [1, 1])["macro_f1"] == pytest.approx(2 / 3, abs=1e-4)


def test_per_class_has_precision_recall_f1_and_rows() -> None:
    assert figures.per_class(TRUTH, SAID)["account"] == {"precision": 0.6667, "recall": 1.0, "f1": 0.8, "rows": 2}


def test_the_confusion_table_counts_by_truth_and_then_by_what_was_said() -> None:
    assert figures.confusion(TRUTH, SAID) == {"account": {"account": 2}, "billing": {"account": 1, "billing": 1}}


def test_calibration_error_is_the_distance_of_what_is_said_from_what_is_right() -> None:
    right, confidence = np.array([True, True, True, False]), np.array([0.75, 0.75, 0.75, 0.75])
    assert figures.calibration_error(right, confidence) == pytest.approx(0)
    assert figures.calibration_error(right, np.full(4, 0.95)) == pytest.approx(0.2)
    assert figures.calibration_error(np.array([], dtype=bool), np.array([])) is None


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1))
def test_every_row_is_in_one_bin(rows: list[tuple[bool, float]]) -> None:
    right, confidence = np.array([each for each, _ in rows]), np.array([each for _, each in rows])
    assert sum(each["rows"] for each in figures.reliability(right, confidence)) == len(rows)
    assert 0 <= (figures.calibration_error(right, confidence) or 0) <= 1


def test_nothing_to_count_gives_no_figures() -> None:
    found = figures.figures([], [], [])
    assert found["rows"] == 0 and found["accuracy"] is found["macro_f1"] is found["ece"] is None
