"""Figures computed by hand, and the edges: nothing, one, all ignored."""

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest

from qa.metrics import metrics
from qa.metrics.metrics import Endings, Median, Share
from qa.metrics.reads import Answered, Ended, Shown, distance_class
from qa.metrics.report import build
from qa.metrics.selection import Period, Selection
from tests.qa.drafts import at

DAY = date(2026, 3, 2)
PERIOD = Period(DAY, DAY + timedelta(days=6))


def row(review: str, seconds: float | None = None, distance: float | None = None, **fields: object) -> Shown:
    shown: datetime = fields.pop("shown", None) or at(DAY)  # type: ignore[assignment]
    reviewed = None if seconds is None else shown + timedelta(seconds=seconds)
    return Shown(shown, review, str(fields.get("reason", "")), reviewed, distance, fields.get("agent"), "billing")  # type: ignore[arg-type]


ROWS = [
    row("accepted", 10),
    row("accepted", 20),
    row("accepted", 60),
    row("edited", 100, 0.1),
    row("edited", 40, 0.4),
    row("rejected", 5, reason="tone"),
    row("rejected", 5, reason="wrong"),
    row("rejected", 5, reason="tone"),
    row("ignored", 500),
    row("pending"),
]


def test_outcomes_add_up_to_the_drafts_shown() -> None:
    found = metrics.outcomes(ROWS)
    assert found == {"accepted": 3, "edited": 2, "rejected": 3, "ignored": 1, "pending": 1}
    assert sum(found.values()) == len(ROWS)


def test_acceptance_is_accepted_and_edited_of_all_shown() -> None:
    assert metrics.acceptance(ROWS) == Share(5, 10)
    assert metrics.acceptance(ROWS).rate == 0.5
    assert metrics.unedited(ROWS).rate == 0.3


def test_medians_keep_accepted_and_edited_apart() -> None:
    assert metrics.review_seconds(ROWS, "accepted") == Median(20, 3)
    assert metrics.review_seconds(ROWS, "edited") == Median(70, 2)
    assert metrics.edit_burden(ROWS) == Median(0.25, 2)


def test_reasons_are_counted_most_frequent_first() -> None:
    assert list(metrics.reasons(ROWS).items()) == [("tone", 2), ("wrong", 1)]


@pytest.mark.parametrize(
    ("distance", "number"), [(0, 0), (0.1, 0), (0.1001, 1), (0.2, 1), (0.3, 2), (0.7, 6), (0.9, 8), (0.91, 9), (1, 9)]
)
def test_distance_classes_hold_their_upper_end(distance: float, number: int) -> None:
    assert distance_class(distance) == number


def test_distribution_counts_edited_drafts_only() -> None:
    assert metrics.distance_classes([*ROWS, row("accepted", 1, 0.0)]) == [1, 0, 0, 1, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),  # Wilson's formula by hand
        (0, 10, 0.0, 0.2775),  # z² / (n + z²) = 3.8415 / 13.8415
        (10, 10, 0.7225, 1.0),
        (1, 1, 0.2065, 1.0),  # 1 / (1 + z²) = 1 / 4.8415
        (50, 100, 0.4038, 0.5962),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilson_interval(part: int, whole: int, low: float, high: float) -> None:
    assert metrics.wilson(part, whole) == pytest.approx((low, high), abs=5e-5)


def test_interval_is_given_where_n_is_small() -> None:
    assert Share(1, 1).uncertain and Share(50, 99).uncertain
    assert not Share(0, 0).uncertain and not Share(50, 100).uncertain


@pytest.mark.parametrize(
    ("rows", "rate"), [([], None), ([row("accepted", 1)], 1.0), ([row("ignored", 1)] * 3, 0.0), ([row("pending")], 0.0)]
)
def test_edges_of_acceptance(rows: Sequence[Shown], rate: float | None) -> None:
    assert metrics.acceptance(rows).rate == rate


def test_nothing_has_no_median() -> None:
    assert metrics.edit_burden([]) == Median(None, 0)
    assert metrics.review_seconds([row("ignored", 9)], "accepted") == Median(None, 0)
    assert metrics.first_response([]) == Median(None, 0)


def test_gap_rate_leaves_out_what_says_nothing_about_the_knowledge_base() -> None:
    counts = [
        ("ready", True, 6),
        ("ready", False, 1),
        ("no_source", False, 3),
        ("failed", False, 9),
        ("stopped", True, 2),
        ("by_rule", False, 4),
    ]
    rows = [Ended(DAY, "billing", state, opened, count) for state, opened, count in counts]
    elsewhere = Ended(DAY - timedelta(days=1), "billing", "no_source", False, 100)
    found = metrics.endings([*rows, elsewhere], PERIOD)
    assert found == Endings(ready=7, no_source=3, failed=9, stopped=2, unopened=1, by_rule=4)
    assert found.gap_rate.rate == 0.3
    assert math.isclose(sum(found.gap_rate.interval) / 2, 0.355, abs_tol=5e-3)


def test_periods_and_days_are_cut_at_midnight() -> None:
    rows = [
        row("accepted", 1, shown=PERIOD.start),
        row("accepted", 2, shown=PERIOD.start - timedelta(microseconds=1)),
        row("accepted", 3, shown=PERIOD.end - timedelta(microseconds=1)),
        row("accepted", 4, shown=PERIOD.end),
        row("accepted", 5, shown=PERIOD.before.start - timedelta(seconds=1)),
    ]
    answered = [Answered(at(DAY, 9), at(DAY, 10)), Answered(at(DAY, 9), at(DAY, 12))]
    found = build(Selection(PERIOD), rows, [], answered)
    assert [shown.seconds for shown in found.now.shown] == [1, 3]
    assert [shown.seconds for shown in found.before.shown] == [2]
    assert [len(bucket.figures.shown) for bucket in found.series] == [1, 0, 0, 0, 0, 0, 1]
    assert found.now.first_response == Median(2 * 3600, 2)
    assert not found.empty and build(Selection(PERIOD), [], [], []).empty
