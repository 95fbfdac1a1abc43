"""`evaluate_redaction`: how many personal spans are masked, how many masked ones are none, and what a bad file says."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from copilot.evaluation import redaction
from knowledge.evaluation.retrieval import BadFile


def file(folder: Path, *rows: dict[str, Any]) -> Path:
    path = folder / "texts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def report(folder: Path, *rows: dict[str, Any]) -> dict[str, Any]:
    return redaction.report(*redaction.measure(redaction.read_rows(file(folder, *rows))))


CARD = {"text": "my card 4111 1111 1111 1111 please", "spans": [{"type": "CREDIT_CARD", "start": 8, "end": 27}]}
SONG = {"text": "I like this song", "spans": [{"type": "TITLE", "start": 7, "end": 16}]}


def test_recall_is_by_type_and_overall(tmp_path: Path) -> None:
    found = report(tmp_path, CARD, SONG)
    assert found["recall"] == {"CREDIT_CARD": 1.0, "TITLE": 0.0}
    assert (found["recall_overall"], found["precision"], found["masked"]) == (0.5, 1.0, 1)


def test_a_span_needs_nine_tenths_of_its_characters(tmp_path: Path) -> None:
    longer = {"text": CARD["text"], "spans": [{"type": "CREDIT_CARD", "start": 3, "end": 34}]}
    assert report(tmp_path, longer)["recall"] == {"CREDIT_CARD": 0.0}


def test_what_is_masked_beside_every_span_lowers_precision(tmp_path: Path) -> None:
    assert report(tmp_path, CARD, {"text": CARD["text"], "spans": []})["precision"] == 0.5


def test_places_are_those_of_the_file_with_invisible_characters(tmp_path: Path) -> None:
    text = "\ufeffmy card\u200b 4111 1111 1111 1111"
    spans = [{"type": "CREDIT_CARD", "start": 10, "end": 29}]
    assert text[10:29] == "4111 1111 1111 1111"
    assert report(tmp_path, {"text": text, "spans": spans})["recall_overall"] == 1.0


def test_values_customers_and_words_to_keep_can_be_named(tmp_path: Path) -> None:
    row = {
        "text": "Hi, Quill here. Write to q@mail.example about the Quill plan.",
        "customer": {"name": "Quill Marsh", "email": "q@mail.example"},
        "entities": [{"type": "EMAIL", "value": "q@mail.example"}],
        "keep": ["plan", "Quill plan"],
    }
    found = report(tmp_path, row)
    assert found["recall"] == {"EMAIL": 1.0} and found["kept"] == 0.5


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("no json", "not JSON"),
        ("[1]", "not a JSON object"),
        ('{"spans": []}', "needs text"),
        ('{"text": "a", "spans": [{"type": "X", "start": 0, "end": 9}]}', "0 to 9 is not inside the text"),
        ('{"text": "a", "spans": [3]}', "needs spans"),
        ('{"text": "a", "customer": 3}', "needs spans"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"text": "good", "spans": []}\n' + line, encoding="utf-8")
    with pytest.raises(BadFile, match="bad.jsonl:2") as error:
        redaction.read_rows(path)
    assert said in str(error.value)


def test_the_command_prints_one_object_and_writes_details(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    details = tmp_path / "details.jsonl"
    call_command("evaluate_redaction", "--data", str(file(tmp_path, CARD, SONG)), "--details", str(details), "--json")
    said = json.loads(capsys.readouterr().out)
    assert {"recall", "recall_overall", "precision", "ms_per_text"} <= said.keys() and said["tagger"] == ""
    rows = [json.loads(line) for line in details.read_text(encoding="utf-8").splitlines()]
    assert rows[1]["missed"] == [{"kind": "TITLE", "text": "this song"}]


def test_a_bad_file_ends_the_command_with_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("evaluate_redaction", "--data", str(tmp_path / "missing.jsonl"), "--json")
    assert ended.value.code == 2 and "missing.jsonl" in capsys.readouterr().err


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no texts"):
        call_command("evaluate_redaction", "--data", str(file(tmp_path)))


def test_names_and_addresses_of_our_own_mails_are_masked(settings: Any) -> None:
    """A floor below what was measured (decision 36), so that a change that loses many is seen."""
    settings.REDACTION_MODEL = "rampart-q4"
    rows = redaction.read_rows(Path(__file__).parents[3] / "training/redaction/mails.jsonl")
    found = redaction.report(*redaction.measure(rows))
    assert found["recall"]["PERSON"] >= 0.85 and found["recall"]["STREET_ADDRESS"] >= 0.95
    assert found["recall_overall"] >= 0.93 and found["precision"] >= 0.8 and found["kept"] >= 0.88
