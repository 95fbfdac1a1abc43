"""`evaluate_drafts --keep` and `evaluate_grounding --keep`, and what ships with Copydesk."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from copilot import llm
from copilot.evaluation import runs
from copilot.evaluation.drafts import OWN_CASES
from copilot.evaluation.grounding import PAIRS
from copilot.models import EvaluationRun
from tests.copilot.evaluation.test_evaluating_drafts import BY_WORD, CASES, written
from tests.copilot.grounding.test_measuring import ROWS
from tests.fakes import FakeModel, ListeningModel

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Path:
    settings.DRAFT_MIN_SCORE = 0.5
    monkeypatch.setattr(llm, "HttpModel", lambda: ListeningModel(by_word=BY_WORD))
    return written(tmp_path, *CASES)


@pytest.fixture
def pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(llm, "HttpModel", FakeModel)
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)))
    return path


def test_a_run_on_drafts_is_kept_with_what_it_was_made_with(cases: Path) -> None:
    call_command("evaluate_drafts", cases=cases, json=True, keep=True)
    run = EvaluationRun.objects.get()
    assert (run.kind, run.model, run.model_sha256, run.threshold) == ("drafts", "fake-model", "fa" * 32, 0.5)
    assert {step: version.partition("@")[0] for step, version in run.prompts.items()} == {
        "point": "point-1", "say": "say-1", "verify": "verify-1",
    }  # fmt: skip
    assert (run.case_file, len(run.case_hash), run.figures["cases"]) == ("cases.jsonl", 12, 5)


def test_its_cases_say_what_became_of_them(cases: Path) -> None:
    call_command("evaluate_drafts", cases=cases, json=True, keep=True)
    run = EvaluationRun.objects.get()
    assert {case["id"]: case["outcome"] for case in run.cases} == {
        "1": "right", "2": "wrong", "3": "refused", "4": "wrong", "5": "missing",
    }  # fmt: skip
    assert [case["id"] for case in run.cases if case["right"]] == ["1", "3"]
    assert run.cases[0]["text"] == "When will my parcel arrive?" and run.cases[0]["kind"] == "time"


def test_its_curve_says_what_other_minimum_scores_would_do(cases: Path) -> None:
    """Of three questions with an answer the model sees one for two, and for one of the two without."""
    call_command("evaluate_drafts", cases=cases, json=True, keep=True)
    run = EvaluationRun.objects.get()
    points = {threshold: (kept, wrong) for threshold, kept, wrong in run.curve}
    assert (points[0.0], points[0.5]) == ((1.0, 1.0), (0.6667, 0.5))
    assert run.figures["auc"] == pytest.approx((1 + 0.5 + 1 + 0.5 + 0.5 + 0) / 6, abs=1e-4)  # of six pairs


def test_without_the_option_nothing_is_kept(cases: Path, capsys: Any) -> None:
    call_command("evaluate_drafts", cases=cases, json=True)
    assert json.loads(capsys.readouterr().out)["cases"] == 5 and not EvaluationRun.objects.exists()


def test_a_run_on_sentences_is_kept_alike(pairs: Path) -> None:
    call_command("evaluate_grounding", data=pairs, json=True, keep=True)
    run = EvaluationRun.objects.get()
    assert (run.kind, run.model, list(run.prompts)) == ("grounding", "fake-model", ["verify"])
    assert [(case["outcome"], case["kind"]) for case in run.cases] == [
        ("kept", "verbatim"), ("caught", "number"), ("kept", ""),
    ]  # fmt: skip
    assert run.curve[-1] == [1.0, 0.5, 0.0] and run.figures["rows"] == 3


def test_a_run_without_a_model_names_none(pairs: Path) -> None:
    call_command("evaluate_grounding", data=pairs, json=True, keep=True, without_model=True)
    run = EvaluationRun.objects.get()
    assert (run.model, run.prompts, run.threshold) == ("", {}, None)


def test_long_cases_are_shortened(cases: Path, tmp_path: Path) -> None:
    path = written(tmp_path, CASES[0] | {"question": "When will my parcel arrive?\n" + "Please tell me. " * 60})
    call_command("evaluate_drafts", cases=path, json=True, keep=True)
    (case,) = EvaluationRun.objects.get().cases
    assert len(case["text"]) <= runs.FIRST_WORDS and case["text"].endswith("…") and "\n" not in case["text"]


def test_a_release_is_read_as_it_was_made(cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "RELEASED", tmp_path)
    call_command("evaluate_drafts", cases=cases, json=True, keep=True, release=True)
    kept, shipped = EvaluationRun.objects.get(), runs.released("drafts")
    assert shipped.pk is None
    for name in ("kind", "model", "prompts", "figures", "curve", "cases", "threshold", "case_hash"):
        assert getattr(shipped, name) == getattr(kept, name), name


class TestWhatShips:
    @pytest.mark.parametrize(("kind", "path", "count"), [("drafts", OWN_CASES, 164), ("grounding", PAIRS, 460)])
    def test_it_is_of_our_cases_and_the_default_writer(self, kind: str, path: Path, count: int) -> None:
        run = runs.released(kind)
        assert (run.model, run.case_file) == ("qwen2.5-coder-1.5b-instruct", path.name)
        assert len(run.cases) == count and len({case["id"] for case in run.cases}) == count
        assert len(run.curve) == 51 and run.threshold

    def test_its_curves_agree_with_its_figures(self) -> None:
        drafts, sentences = runs.released("drafts"), runs.released("grounding")
        points = {round(threshold, 2): (kept, wrong) for threshold, kept, wrong in drafts.curve}
        answered, wrongly = points[drafts.threshold]
        assert (answered, 1 - wrongly) == pytest.approx(
            (drafts.figures["answered"], drafts.figures["refused"]), abs=1e-3
        )
        points = {round(threshold, 2): (kept, wrong) for threshold, kept, wrong in sentences.curve}
        assert points[sentences.threshold] == pytest.approx(
            (sentences.figures["supported_kept"], sentences.figures["unsupported_passed"])
        )
