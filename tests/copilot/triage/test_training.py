"""Learning from labelled messages, and what is kept of it."""

import json
from pathlib import Path

import numpy as np
import pytest

from copilot.triage import examples, training
from copilot.triage.classifier import CATEGORY, HEADS, BadModel, Ready, from_bytes, to_bytes
from copilot.triage.examples import DEV, TEST, TRAIN, YES, Example, parted, read_file
from copilot.triage.features import read
from copilot.triage.signals import REQUESTS
from copilot.triage.training import TooFew
from knowledge.evaluation.retrieval import BadFile
from knowledge.index.embeddings import FakeEmbedder
from tests.copilot.triage.conftest import ABOUT, messages, small


class Other(FakeEmbedder):
    name = "another"


def ready() -> Ready:
    return Ready(small().classifier, FakeEmbedder())


class TestLearning:
    def test_it_tells_categories_apart_on_messages_that_it_has_not_seen(self) -> None:
        report = small().report
        assert report["accuracy"] == 1.0 and report["rows"] == report["split"][TEST] > 0
        said = ready().categories(["The invoice is wrong, and the refund?", "A crash and an error since the update"])
        assert [name for name, _ in said] == ["billing", "technical"]

    def test_it_learns_sentiment_urgency_and_risk_as_well(self) -> None:
        assert set(small().classifier.heads) == set(HEADS) - set(REQUESTS)  # nothing says which messages are requests
        report = small().report
        assert report["sentiment"]["accuracy"] == 1.0 and report["urgency"]["within_one"] == 1.0

    def test_every_probability_is_one_and_all_of_them_are_one_together(self) -> None:
        for found in ready().read(["My invoice", "", "🎉", "x" * 5000]).values():
            assert np.allclose(found.sum(axis=1), 1) and (found >= 0).all()

    def test_the_report_has_the_split_confusion_and_reliability(self) -> None:
        report = small().report
        assert sum(report["split"].values()) == len(messages())
        assert sum(sum(row.values()) for row in report["confusion"].values()) == report["rows"]
        assert sum(each["rows"] for each in report["reliability"]) == report["rows"]

    def test_training_twice_gives_the_same(self) -> None:
        assert to_bytes(training.train(messages(), FakeEmbedder()).classifier) == to_bytes(small().classifier)

    @pytest.mark.parametrize("rows", [[], messages()[:10], [Example(f"text {n}", {CATEGORY: "a"}) for n in range(60)]])
    def test_too_little_to_learn_from_is_said(self, rows: list[Example]) -> None:
        with pytest.raises(TooFew, match="at least 20 of 2 are needed"):
            training.train(rows, FakeEmbedder())

    def test_rows_with_only_a_sentiment_teach_the_sentiment(self) -> None:
        tone = [
            Example(
                f"What a {'lovely' if n % 2 else 'dreadful'} day, {n}",
                {"sentiment": "positive" if n % 2 else "negative"},
            )
            for n in range(60)
        ]
        trained = training.train([*messages(), *tone], FakeEmbedder())
        assert "positive" in trained.classifier.heads["sentiment"].labels
        assert set(trained.classifier.heads[CATEGORY].labels) == set(ABOUT)


class TestTheFile:
    def test_it_says_the_same_after_it_was_stored(self) -> None:
        again = Ready(from_bytes(to_bytes(small().classifier)), FakeEmbedder())
        texts = [each.text for each in messages(3)]
        before, after = ready().read(texts), again.read(texts)
        assert all(np.allclose(before[head], after[head], atol=0.01) for head in before) and set(before) == set(after)

    @pytest.mark.parametrize("stored", [b"", b"garbage", b"PK\x03\x04 not a zip", to_bytes(small().classifier)[:-200]])
    def test_a_damaged_file_is_refused(self, stored: bytes) -> None:
        with pytest.raises(BadModel):
            from_bytes(stored)

    def test_it_belongs_to_its_embedder(self) -> None:
        with pytest.raises(BadModel, match="trained with the embedder fake"):
            Ready(small().classifier, Other()).read(["My invoice"])


class TestExamples:
    def test_four_fifths_are_learnt_from_whatever_file_they_come_in(self) -> None:
        rows = [Example(f"message {number}") for number in range(2000)]
        parts = {part: len(found) for part, found in parted(rows).items()}
        assert 1500 < parts[TRAIN] < 1700 and 150 < parts[DEV] < 250 and 150 < parts[TEST] < 250
        assert all(Example(f" MESSAGE  {number}").part == rows[number].part for number in range(50))

    def test_csv_and_jsonl_have_text_or_subject_and_body(self, tmp_path: Path) -> None:
        csv, jsonl = tmp_path / "rows.csv", tmp_path / "rows.jsonl"
        csv.write_text('text,intent\n"Where, please, is it?",order\nno label,\n', encoding="utf-8")
        jsonl.write_text(
            json.dumps({"subject": "Bill", "body": "wrong", "intent": "money", "urgency": 3, "escalate": True})
        )
        assert [(each.text, each.labels) for each in read_file(csv, "intent")] == [
            ("Where, please, is it?", {CATEGORY: "order"})
        ]
        [row] = read_file(jsonl, "intent")
        assert row.text == "Bill\nwrong" and row.labels == {CATEGORY: "money", "urgency": "3", "escalate": "yes"}

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "no row has a text and a label"),
            ('{"text": "a"}', "no `category`"),
            ('{"text": 5, "category": "a"}', "must be words"),
            ('{"text": "a", "category": ["b"]}', "must be words"),
            ('{"text": "a", "category": "b", "urgency": 9}', "from 1 to 5"),
            ('{"text": "a", "category": "b", "sentiment": "sad"}', "sentiment is one of"),
            ("[1]", "not a JSON object"),
        ],
    )
    def test_a_bad_file_is_named_with_its_line(self, tmp_path: Path, text: str, problem: str) -> None:
        path = tmp_path / "rows.jsonl"
        path.write_text(text)
        with pytest.raises(BadFile, match=problem):
            read_file(path)

    def test_what_ships_is_enough_for_every_category_and_has_no_row_of_the_tests(self) -> None:
        seed = examples.seed()
        tested = {each.text for each in read_file(Path(__file__).parents[3] / "training/triage/test.jsonl")}
        counts = {label: sum(each.labels.get(CATEGORY) == label for each in seed) for label in ("billing", "complaint")}
        assert min(counts.values()) >= 150 and not tested & {each.text for each in seed}

    def test_what_ships_says_which_messages_are_requests(self) -> None:
        known = [each.labels for each in examples.seed() if set(REQUESTS) <= set(each.labels)]
        asked = {kind: sum(labels[kind] == YES for labels in known) for kind in REQUESTS}
        assert min(asked.values()) >= 100 and len(known) > 4 * max(asked.values())

    def test_numbers_and_placeholders_are_not_read(self) -> None:
        assert read("Order 4711 of <PERSON_1> for <EMAIL_2>, €12.50") == "Order 0 of   for  , €0.0"
