"""A classifier that has learnt from agents, and the gate before it is used."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from copilot import probes, tasks
from copilot.models import Triage, TriageModel
from copilot.preparation import pipeline
from copilot.triage import correcting, examples, retraining, versions
from copilot.triage.classifier import CATEGORY
from tests import cast
from tests.copilot.triage.conftest import messages
from tests.copilot.triage.test_recording import INVOICE, prepare
from tickets.models import Category

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]


@pytest.fixture(autouse=True)
def seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small one of these tests instead of that of the project."""
    monkeypatch.setattr(retraining, "seed", messages)


def corrected(slug: str, text: str = INVOICE) -> None:
    ticket = cast.new_ticket(text=text)
    prepare(ticket)
    ticket.refresh_from_db()
    correcting.correct_category(ticket, Category.objects.filter(slug=slug).first(), cast.mira())


class TestWhatIsLearnt:
    def test_a_correction_is_an_example_with_its_masked_text(self, classifier: TriageModel) -> None:
        corrected("complaint", f"I am Tomas Okafor, ana@mail.example. {INVOICE}")
        [example] = retraining.corrections()
        assert example.labels[CATEGORY] == "complaint" and "ana@" not in example.text and "invoice" in example.text
        assert retraining.examples([example])[0] == example

    def test_none_of_these_is_learnt_too(self, classifier: TriageModel) -> None:
        corrected("none of these")
        assert [each.labels[CATEGORY] for each in retraining.corrections()] == ["none"]

    def test_what_nobody_has_corrected_is_not(self, classifier: TriageModel) -> None:
        prepare(cast.new_ticket(text=INVOICE))
        assert retraining.corrections() == []

    def test_a_correction_of_the_tone_teaches_only_the_tone(self, classifier: TriageModel) -> None:
        ticket = cast.new_ticket(text=INVOICE)
        prepare(ticket)
        correcting.correct_tone(ticket, cast.mira(), urgency=5)
        assert [each.labels for each in retraining.corrections()] == [{"urgency": "5"}]

    def test_examples_of_categories_that_are_no_longer_used_are_left_out(self) -> None:
        Category.objects.filter(slug="technical").update(active=False)
        assert {each.labels[CATEGORY] for each in retraining.examples([])} == {"billing", "account", "none"}


class TestTheGate:
    good: dict[str, Any] = {
        "accuracy": 0.9,
        "macro_f1": 0.9,
        "ece": 0.03,
        "per_class": {"billing": {"recall": 0.9, "rows": 30}},
    }

    def test_the_first_one_must_be_good_enough_by_itself(self) -> None:
        assert retraining.against(self.good, None) == []
        assert retraining.against(self.good | {"accuracy": 0.5}, None) == ["accuracy 0.5 is below 0.6"]
        assert retraining.against(self.good | {"ece": 0.3}, None) == ["calibration error 0.3 is above 0.15"]

    def test_one_that_is_worse_is_not_used(self) -> None:
        assert retraining.against(self.good | {"accuracy": 0.88}, self.good) == ["accuracy falls from 0.9 to 0.88"]
        assert retraining.against(self.good | {"macro_f1": 0.895}, self.good) == []

    def test_nor_one_that_forgets_a_class(self) -> None:
        forgets = self.good | {"per_class": {"billing": {"recall": 0.7, "rows": 30}}}
        assert retraining.against(forgets, self.good) == ["recall of billing falls from 0.9 to 0.7"]
        assert retraining.against(self.good | {"per_class": {}}, self.good) == [
            "recall of billing falls from 0.9 to 0.0"
        ]

    def test_a_class_with_few_messages_says_nothing(self) -> None:
        few = self.good | {"per_class": {"billing": {"recall": 0.9, "rows": 5}}}
        assert retraining.against(self.good | {"per_class": {}}, few) == []

    def test_both_are_measured_on_the_same_messages(self, classifier: TriageModel) -> None:
        before = retraining.retrain(cast.rosa()).report["before"]
        assert before["number"] == classifier.pk and before["rows"] == retraining.retrain().report["rows"]


class TestInUse:
    def test_there_is_one_as_soon_as_the_job_has_run(self) -> None:
        assert versions.current() == 0
        assert tasks.keep_classifier() == f"trained: {versions.current()}" != "trained: 0"
        assert tasks.keep_classifier() == "is there"

    def test_one_that_is_not_good_enough_is_not_used_and_not_tried_again_at_once(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(retraining, "ACCURACY", 1.1)
        tasks.keep_classifier()
        assert versions.current() == 0 and tasks.keep_classifier() == "is there" and TriageModel.objects.count() == 1

    def test_another_embedder_needs_another(self, classifier: TriageModel) -> None:
        TriageModel.objects.update(embedder="another")
        assert versions.current() == 0

    def test_training_alone_does_not_use_it_and_going_back_is_using_an_older_one(self, classifier: TriageModel) -> None:
        newer = retraining.retrain(cast.rosa())
        assert versions.current() == classifier.pk and newer.trained_by == cast.rosa()
        versions.activate(newer, cast.rosa())
        assert versions.current() == newer.pk
        versions.activate(classifier, cast.rosa())
        assert versions.current() == classifier.pk

    def test_a_lead_asks_for_one(self, classifier: TriageModel) -> None:
        corrected("complaint")
        assert tasks.retrain_triage(cast.rosa().pk).startswith("trained: ")
        assert TriageModel.objects.latest("pk").report["corrections"] == 1

    def test_too_little_to_learn_from_is_no_failure_of_the_job(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(retraining, "seed", list)
        assert tasks.keep_classifier().startswith("waits: There are 0 messages")


class TestCommands:
    def run(self, name: str, **options: Any) -> dict[str, Any]:
        out = io.StringIO()
        call_command(name, stdout=out, json=True, **options)
        return dict(json.loads(out.getvalue()))

    @pytest.fixture
    def data(self, tmp_path: Path) -> Path:
        path = tmp_path / "rows.jsonl"
        rows = [{"text": each.text, "intent": each.labels[CATEGORY].replace("none", "oos")} for each in messages()]
        path.write_text("\n".join(map(json.dumps, [*rows, {"text": "no label", "intent": ""}])))
        return path

    def test_train_without_a_file_keeps_one_and_uses_it_if_asked(self) -> None:
        report = self.run("train_triage", activate=True)
        assert report["activated"] and report["model"] == versions.current()
        assert {"split", "accuracy", "macro_f1", "ece", "confusion"} <= set(report)

    def test_one_that_does_not_pass_the_gate_is_not_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(retraining, "ACCURACY", 1.1)
        with pytest.raises(SystemExit):
            self.run("train_triage", activate=True)
        assert versions.current() == 0

    def test_train_with_a_file_writes_a_folder_that_can_be_measured(self, data: Path, tmp_path: Path) -> None:
        folder = tmp_path / "model"
        self.run("train_triage", data=data, label_field="intent", output=folder, out_of_scope="oos")
        found = self.run("evaluate_triage", data=data, model=folder, label_field="intent", out_of_scope="oos")
        assert found["rows"] == len(messages()) and found["accuracy"] > 0.95 and found["rows_per_second"] > 0
        assert {"macro_f1", "ece", "coverage@0.7", "accuracy@0.7", "per_class"} <= set(found)
        assert found["out_of_scope"]["rows"] == 30 and found["out_of_scope"]["recall"] > 0.9
        assert not TriageModel.objects.exists()

    def test_words_alone_are_measured_beside_it(self, classifier: TriageModel, data: Path, monkeypatch: Any) -> None:
        monkeypatch.setattr(examples, "seed", messages)
        found = self.run("evaluate_triage", data=data, label_field="intent", out_of_scope="oos", words_alone=True)
        assert found["words_alone"]["accuracy"] > 0.9

    def test_bad_input_is_named(self, tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        for options in ({"data": tmp_path / "not there.csv"}, {"data": data}):
            with pytest.raises(SystemExit) as stopped:
                self.run("train_triage", **options)
            assert stopped.value.code == 2
        assert "not there.csv" in (err := capsys.readouterr().err) and "no `category`" in err

    def test_no_classifier_in_use_is_said_with_what_helps(self, data: Path) -> None:
        with pytest.raises(CommandError, match="train_triage --activate"):
            self.run("evaluate_triage", data=data, label_field="intent")
        with pytest.raises(CommandError, match="without --data"):
            self.run("train_triage", data=data, activate=True)


def test_the_pipeline_says_what_it_was_made_with(classifier: TriageModel) -> None:
    ticket = cast.new_ticket(text=INVOICE)
    prepared = prepare(ticket)
    assert pipeline.made_with(prepared.search_version, prepared.classified)["classifier"] is True
    assert prepared.triaged.category == "billing" and Triage.objects.count() == 1


class TestDoctor:
    def test_it_says_how_good_the_one_in_use_is(self, classifier: TriageModel) -> None:
        assert probes.classifier().state == "ok" and "100% right" in probes.classifier().why

    def test_none_or_a_damaged_one_is_degraded(self, classifier: TriageModel) -> None:
        TriageModel.objects.update(sha256="of something else")
        versions.load.cache_clear()
        assert probes.classifier().state == "degraded" and "damaged" in probes.classifier().why
        TriageModel.objects.update(activated_at=None)
        assert probes.classifier().state == "degraded" and "only sensitive signals" in probes.classifier().why
