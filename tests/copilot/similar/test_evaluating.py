"""`manage.py evaluate_similar`, our own set, and what the shipped minimum does on it."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from copilot.evaluation import similar
from copilot.evaluation.similar import Row, evaluate, half, read_rows, sample
from copilot.management.commands.evaluate_similar import OURS
from copilot.similar import min_similarity
from copilot.similar.min_similarity import Minimum
from copilot.similar.reading import Asked
from knowledge.evaluation.retrieval import BadFile
from knowledge.index.embeddings import FakeEmbedder, get_embedder, model_folder

BGE = "bge-small-en-v1.5-onnx"
TEXTS = {
    "export": ["my export stops after ten rows", "the export stops after ten rows", "export stops after ten rows here"],
    "invoice": ["where is the invoice of march", "where is my invoice of march"],
    "alone": ["please call the owner of this dog"],
}
ROWS = [Row(label, Asked("", text)) for label, texts in TEXTS.items() for text in texts]
EVERYTHING = Minimum(0.0, 0.0)


def report(rows: list[Row], minimum: Minimum, number: int = 0) -> dict[str, Any]:
    return evaluate(rows, half(rows, number), FakeEmbedder(), minimum)


def test_each_row_is_a_query_for_the_others() -> None:
    found = report(ROWS, Minimum(0.6, 0.6))
    assert (found["rows"], found["queries"], found["precision@3"], found["hit@1"], found["found"]) == (6, 6, 1, 1, 1)
    assert (found["nothing_shown"], found["alone"], found["alone_shown"]) == (0.167, 1, 0)
    assert found["ms_per_query"] >= 0


def test_wrong_ones_lower_the_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(min_similarity, "CLOSE", 1.0)
    found = report(ROWS, EVERYTHING)
    assert found["precision@3"] < 0.7 and found["alone_shown"] == 1 and found["shown_per_query"] == 3


def test_with_a_minimum_that_nothing_reaches_nothing_is_shown() -> None:
    found = report(ROWS, Minimum(1.1, 1.1))
    assert (found["precision@3"], found["found"], found["nothing_shown"]) == (None, 0, 1)


def test_halves_are_of_labels() -> None:
    assert half(ROWS, 1) == [0, 1, 2, 5] and half(ROWS, 2) == [3, 4] and len(half(ROWS, 0)) == 6


def test_a_sample_is_the_same_every_time() -> None:
    assert sample(ROWS, 3) == sample(ROWS, 3) and len(sample(ROWS, 3)) == 3 and sample(ROWS, 99) == ROWS


def test_a_row_without_words_is_like_nothing() -> None:
    found = report([*ROWS, Row("export", Asked("", "?!"))], Minimum(0.6, 0.6))
    assert found["rows"] == 7 and found["found"] < 1


def test_rows_of_both_forms_are_read(tmp_path: Path) -> None:
    lines = [
        {"text": "Hello,\n\nmy export stops.\n\nBest\nAna", "kind": "a"},
        {"subject": "Re: Export", "body": "It stops.", "kind": "a", "language": "de"},
        {"text": "of no label", "kind": ""},
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert read_rows(path, "kind") == [
        Row("a", Asked("", "my export stops.", "en")),
        Row("a", Asked("Export", "It stops.", "de")),
    ]
    csv = tmp_path / "rows.csv"
    csv.write_text("text,intent\nmy export stops,a\n")
    assert read_rows(csv, "intent") == [Row("a", Asked("", "my export stops", "en"))]


@pytest.mark.parametrize("line", ['{"text": "x"}', '{"text": 1, "group": "a"}', "{", '{"text": "", "group": "a"}'])
def test_a_bad_file_is_one_line_with_its_place(tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(BadFile):
        read_rows(path, "group")
    with pytest.raises(SystemExit) as ended:
        call_command("evaluate_similar", data=path)
    assert ended.value.code == 2 and f"{path}:" in capsys.readouterr().err


def test_the_command_prints_one_object(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps({"text": row.asked.question, "group": row.label}) + "\n" for row in ROWS))
    call_command("evaluate_similar", data=path, json=True, minimum=0.6)
    said = capsys.readouterr().out
    keys = {"rows", "queries", "precision@3", "hit@1", "found", "nothing_shown", "ms_per_query"}
    assert said.count("\n") == 1 and keys <= json.loads(said).keys()


def test_our_set_has_groups_of_the_same_problem_and_others() -> None:
    lines = [json.loads(line) for line in OURS.read_text(encoding="utf-8").splitlines()]
    groups = Counter(line["group"] for line in lines)
    assert len({line["id"] for line in lines}) == len(lines) >= 250
    assert sum(count > 1 for count in groups.values()) >= 50 and sum(count == 1 for count in groups.values()) >= 40
    assert {"en", "de", "es", "fr", "nl"} == {line["language"] for line in lines}
    assert len({(line["subject"], line["body"]) for line in lines}) == len(lines)


@pytest.mark.model
@pytest.mark.skipif(
    not (model_folder(BGE) / "model.onnx").is_file(), reason=f"{BGE} is missing: manage.py fetch_models"
)
def test_what_the_shipped_minimum_shows_on_the_half_it_was_not_chosen_on(settings: Any) -> None:
    settings.EMBEDDING_MODEL = BGE
    rows = [row for row in similar.read_rows(OURS, "group") if row.asked.language == "en"]
    found = evaluate(rows, half(rows, 2), get_embedder(), min_similarity.of(BGE))
    assert found["precision@3"] >= 0.85 and found["hit@1"] >= 0.75 and found["found"] >= 0.8, found
    assert found["alone_shown"] <= 0.05, found
