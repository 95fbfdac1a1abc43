"""`manage.py evaluate_grounding`."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from copilot import llm
from copilot.evaluation import grounding
from copilot.evaluation.grounding import BadFile, Judged, Pair
from copilot.grounding.verdicts import Support, Verdict
from tests.fakes import FakeModel

SOURCE = "Returns are free within the country. Parcels stay in the locker for 3 days."
ROWS = [
    {"source": SOURCE, "claim": "Parcels stay in the locker for 3 days.", "supported": True, "kind": "verbatim"},
    {"source": SOURCE, "claim": "Parcels stay in the locker for 5 days.", "supported": False, "kind": "number"},
    {"source": SOURCE, "claim": "Inside the country it costs nothing to send things back.", "supported": True},
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "pairs.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)))
    return path


def judged(supported: bool, support: Support, score: float | None, kind: str = "") -> Judged:
    return Judged(Pair("", "", supported, kind, "en", "en"), Verdict(support, None, "", score=score))


def test_the_figures() -> None:
    found = grounding.report(
        [
            judged(True, Support.SUPPORTED, 1.0, "a"),
            judged(True, Support.WEAK, None, "a"),
            judged(False, Support.SUPPORTED, 0.9, "b"),
            judged(False, Support.UNSUPPORTED, 0.0, "b"),
        ],
        seconds=2.0,
        threshold=0.8,
    )
    assert (found["rows"], found["threshold"], found["ms_per_claim"]) == (4, 0.8, 500.0)
    assert (found["auc"], found["unsupported_passed"], found["supported_kept"]) == (0.75, 0.5, 0.5)
    assert found["per_kind"]["a"] == {"rows": 2, "supported": 1, "weak": 1, "unsupported": 0}


def test_with_one_class_only_there_is_no_area() -> None:
    found = grounding.report([judged(True, Support.SUPPORTED, 1.0)], 1.0, None)
    assert found["auc"] is None and found["unsupported_passed"] is None


@pytest.mark.parametrize(
    ("given", "languages"),
    [
        ({"language": "en-de"}, ("de", "en")),
        ({"language": "fr"}, ("fr", "fr")),
        ({"language": "pt-BR"}, ("en", "en")),
        ({"claim": "Pakete bleiben drei Tage lang in der Packstation liegen."}, ("de", "en")),
    ],
)
def test_languages_are_given_or_read(tmp_path: Path, given: dict[str, str], languages: tuple[str, str]) -> None:
    path = tmp_path / "pairs.jsonl"
    path.write_text(json.dumps(ROWS[0] | given))
    (pair,) = grounding.read_pairs(path)
    assert (pair.language, pair.source_language) == languages


@pytest.mark.parametrize("line", ["{", "[]", '{"source": "a", "claim": " ", "supported": true}', '{"source": "a"}'])
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, line: str, capsys: Any) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps(ROWS[0]) + "\n" + line)
    with pytest.raises(BadFile, match=r"bad\.jsonl:2: "):
        grounding.read_pairs(path)
    with pytest.raises(SystemExit) as ended:
        call_command("evaluate_grounding", data=path)
    assert ended.value.code == 2 and capsys.readouterr().err.count("\n") == 1


def test_the_command_asks_the_model(data: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.LLM_EMBEDDED, settings.COPILOT_MODEL = True, "qwen2.5-coder-1.5b-instruct"
    model = FakeModel(yes=0.99)
    monkeypatch.setattr(llm, "HttpModel", lambda: model)
    call_command("evaluate_grounding", data=data, json=True)
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {
        "rows", "auc", "threshold", "unsupported_passed", "supported_kept", "per_kind", "ms_per_claim",
    }  # fmt: skip
    assert (found["auc"], found["unsupported_passed"], found["supported_kept"]) == (1.0, 0.0, 1.0)
    assert len(model.checked) == 6  # both ways


def test_the_command_without_a_model(data: Path, capsys: Any) -> None:
    call_command("evaluate_grounding", data=data, without_model=True)
    found = json.loads(capsys.readouterr().out)
    assert (found["threshold"], found["supported_kept"]) == (None, 0.5)


def test_a_writer_that_nobody_measured_is_not_asked(
    data: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.LLM_EMBEDDED, settings.COPILOT_MODEL = True, "smollm2-135m-instruct"
    model = FakeModel()
    monkeypatch.setattr(llm, "HttpModel", lambda: model)
    call_command("evaluate_grounding", data=data)
    told = capsys.readouterr()
    assert "Nobody measured this writer" in told.err and json.loads(told.out)["threshold"] is None
    assert model.checked == []


def test_it_is_asked_for_details_to_fit_with(
    data: Path, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.LLM_EMBEDDED, settings.COPILOT_MODEL = True, "smollm2-135m-instruct"
    monkeypatch.setattr(llm, "HttpModel", lambda: FakeModel(yes=0.9))
    call_command("evaluate_grounding", data=data, details=tmp_path / "details.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "details.jsonl").read_text().splitlines()]
    assert [line["said"] for line in lines] == [{"stated": 0.9, "states": 0.9}] * 3
    assert json.loads(capsys.readouterr().out)["threshold"] is None


def test_details_that_cannot_be_written_are_told_at_once(data: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        call_command("evaluate_grounding", data=data, without_model=True, details=tmp_path / "nowhere/details.jsonl")


def test_a_server_that_is_down_or_an_empty_file(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.LLM_EMBEDDED, settings.COPILOT_MODEL = True, "qwen2.5-coder-1.5b-instruct"

    class Down(FakeModel):
        async def first_token(self, *args: Any) -> Any:
            raise llm.ModelError("unavailable", "The model is not running.", retryable=True)

    monkeypatch.setattr(llm, "HttpModel", Down)
    with pytest.raises(CommandError, match="make run"):
        call_command("evaluate_grounding", data=data)
    (tmp_path / "none.jsonl").write_text("")
    with pytest.raises(CommandError, match="no pairs"):
        call_command("evaluate_grounding", data=tmp_path / "none.jsonl")
