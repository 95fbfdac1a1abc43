"""`manage.py fit_confidence`, and the figures that say what the weights are worth."""

import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from copilot.confidence import weights
from copilot.confidence.parts import PARTS
from copilot.confidence.weights import Bin
from copilot.evaluation import confidence, curves, fitting
from copilot.evaluation.curves import Scored
from copilot.evaluation.drafts import Case
from copilot.evaluation.fitting import Example


def case(number: str, *articles: str) -> Case:
    return Case(number, "?", tuple((each, each, each) for each in articles), True, (), (), "")


class TestFigures:
    def test_the_brier_score_is_the_mean_squared_distance(self) -> None:
        assert fitting.brier(np.array([1.0, 0.5]), np.array([1.0, 0.0])) == pytest.approx((0 + 0.25) / 2)

    def test_bins_compare_what_was_said_with_what_was_so(self) -> None:
        said, right = np.array([0.1, 0.15, 0.9, 1.0]), np.array([0.0, 1.0, 1.0, 1.0])
        assert fitting.bins(said, right) == (Bin(2, 0.125, 0.5), Bin(2, 0.95, 1.0))

    def test_the_calibration_error_is_their_distance_weighted_by_drafts(self) -> None:
        assert fitting.error([Bin(1, 0.5, 0.9), Bin(3, 0.8, 0.8)]) == pytest.approx(0.1)

    def test_the_area_counts_pairs_in_the_right_order(self) -> None:
        assert curves.area([(0.9, True), (0.4, True), (0.4, False), (0.1, False)]) == (1 + 1 + 0.5 + 1) / 4
        assert curves.area([(0.9, True)]) is None

    def test_a_curve_has_what_each_threshold_keeps_and_lets_through(self) -> None:
        scored = [Scored(0.9, True), Scored(0.5, True), Scored(0.6, False), Scored(None, True), Scored(None, False)]
        points = {point.threshold: (point.kept, point.wrong) for point in curves.curve(scored)}
        assert (points[0.0], points[0.5], points[0.6], points[1.0]) == (
            (0.6667, 0.5), (0.6667, 0.5), (0.3333, 0.5), (0.0, 0.0),
        )  # fmt: skip
        assert curves.curve([Scored(0.9, True)]) == []


class TestFitting:
    @pytest.fixture
    def examples(self) -> list[Example]:
        """The fewer places, the more often right: at one place 3 of 4, at four 1 of 4. Nothing else differs."""
        same = {"answers": 0.9, "answered": 1.0, "supported": 1.0}
        return [
            Example({"places": places} | same, at % 4 < right, f"group {at // 4}")
            for places, right in ((1.0, 3), (4.0, 1))
            for at in range(80)
        ]

    def test_a_part_that_says_something_gets_a_weight_and_the_others_none(self, examples: list[Example]) -> None:
        found = fitting.fit(examples)
        assert found.weight["places"] < -1 and all(abs(found.weight[part]) < 1e-9 for part in PARTS[1:])
        written = weights.read(confidence.as_toml("tiny", "point-1@x", found))["tiny"]
        for places, right in ((1.0, 0.75), (4.0, 0.25)):
            assert written.confidence(examples[0].values | {"places": places}).probability == pytest.approx(
                right, abs=0.02
            )

    def test_a_part_that_seems_to_say_the_opposite_is_left_out(self, examples: list[Example]) -> None:
        turned = [
            Example(each.values | {"places": 5 - each.values["places"]}, each.right, each.group) for each in examples
        ]
        assert fitting.fit(turned).weight == dict.fromkeys(PARTS, 0.0)

    def test_it_is_measured_on_groups_that_it_was_not_fitted_with(self, examples: list[Example]) -> None:
        measured = fitting.fit(examples).measured
        assert (measured.cases, measured.right) == (160, 0.5)
        assert measured.brier == pytest.approx(0.1875, abs=0.01) and measured.error < 0.05
        # Each group has its own truth: what is learned from the others says nothing, and the figures say so.
        alone = [Example(each.values, each.group < "group 18", each.group) for each in examples]
        assert fitting.fit(alone).measured.area <= 0.5

    def test_cases_that_share_articles_are_one_group(self) -> None:
        found = confidence.groups_of([case("1", "a", "b"), case("2", "c"), case("3", "b", "d"), case("4", "d")])
        assert found["1"] == found["3"] == found["4"] != found["2"]


CASES = [
    {
        "id": str(at),
        "question": "?",
        "answerable": True,
        "articles": [{"id": f"a{at % 12}", "title": "A", "body": "B."}],
    }
    for at in range(60)
]


def details(at: int, **changed: Any) -> dict[str, Any]:
    """As evaluate_drafts writes it. Drafts that were pointed for at one place are right."""
    sure = at % 2 == 0
    asked = {"probability": 0.9, "units": [1], "pointed": [0.9, 0.01] if sure else [0.45, 0.45]}
    line = {"id": str(at), "answered": True, "answerable": True, "hit": sure, "questions": [asked]}
    return line | {"sentences": [{"support": "supported"}]} | changed


class TestTheCommand:
    def run(self, tmp_path: Path, lines: list[dict[str, Any]]) -> None:
        for name, rows in (("cases", CASES), ("details", lines)):
            (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
        call_command("fit_confidence", details=tmp_path / "details.jsonl", cases=tmp_path / "cases.jsonl")

    def test_it_prints_what_weights_toml_has(self, tmp_path: Path, capsys: Any, settings: Any) -> None:
        self.run(tmp_path, [details(at) for at in range(60)])
        printed = capsys.readouterr().out
        (found,) = weights.read(printed).values()
        assert list(tomllib.loads(printed)) == [settings.COPILOT_MODEL] and found.prompt.startswith("point-1@")
        assert found.measured.cases == 60 and found.measured.area == 1.0

    def test_a_draft_where_nothing_answers_is_wrong_and_a_refusal_no_draft(self) -> None:
        lines = [details(0, answerable=False, hit=True), details(2, answered=False, sentences=[]), details(4)]
        cases = [case(each["id"], each["articles"][0]["id"]) for each in CASES]
        assert [each.right for each in confidence.examples(lines, cases)] == [False, True]

    def test_too_few_drafts_or_those_of_other_cases_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="There are 40 drafts"):
            self.run(tmp_path, [details(at) for at in range(40)])
        with pytest.raises(CommandError, match="is not of these cases"):
            self.run(tmp_path, [details(999)])
        with pytest.raises(CommandError, match="details.jsonl:1: not JSON"):
            (tmp_path / "cases.jsonl").write_text(json.dumps(CASES[0]))
            (tmp_path / "details.jsonl").write_text("{")
            call_command("fit_confidence", details=tmp_path / "details.jsonl", cases=tmp_path / "cases.jsonl")
