"""`manage.py fit_grounding`: the weights of verdicts, from what `evaluate_grounding --details F` wrote."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from copilot import llm
from copilot.evaluation import verdicts
from copilot.grounding.verdicts import BothWays, decide
from copilot.grounding.weights import OfWriter, Weights
from tests.fakes import FakeModel

SAME, OTHER = verdicts.PARTS["same"], verdicts.PARTS["other"]
KINDS, ROOMS = ("old", "new", "big"), ("locker", "shop", "depot", "office", "lobby", "cellar")
PLACES = [f"{kind} {room}" for kind in KINDS for room in ROOMS]
PLACES += ["garden", "porch", "hall", "gate", "kiosk", "tower", "barn", "yard"]


def line(place: str, supported: bool, stated: float, **more: Any) -> dict[str, Any]:
    """A claim in other words than its source, which no rule and no alignment decides."""
    return {
        "source": f"A parcel stays at the {place} for some days before it goes back to us.",
        "claim": f"We hold what you ordered at the {place}; later it returns here.",
        "supported": supported,
        "kind": "free",
        "language": "en",
        "source_language": "en",
        "said": {"stated": stated, "states": stated},
        **more,
    }


LINES = [
    each
    for number, place in enumerate(PLACES)
    for each in (line(place, True, 0.9 - number / 100), line(place, False, 0.2 + number / 50))
]


def write(path: Path, lines: list[dict[str, Any]]) -> Path:
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


class TestFitting:
    def test_what_the_model_says_counts_for_a_sentence(self) -> None:
        found = verdicts.fit(verdicts.answered(LINES, foreign=False), SAME)
        assert found.weights["stated"] + found.weights["weaker"] > 0

    def test_a_pair_is_judged_without_its_own_label(self) -> None:
        turned = [line("old locker", False, 0.9), line("old locker", True, 0.2), *LINES[2:]]
        said, other = (verdicts.fit(verdicts.answered(each, foreign=False), OTHER).said for each in (LINES, turned))
        assert list(said[:2]) == pytest.approx(list(other[:2]))
        assert list(said[2:]) != pytest.approx(list(other[2:]))

    def test_what_rules_and_alignment_decide_is_not_fitted_with(self) -> None:
        source = "A parcel stays at the locker for 3 days."
        given = [
            *LINES,
            line("", True, 0.01, source=source, claim=source),
            line("", False, 0.99, source=source, claim="A parcel stays at the locker for 5 days."),
        ]
        pairs = verdicts.answered(given, foreign=False)
        assert [each.decided for each in pairs[-2:]] == [1.0, 0.0]
        plain = verdicts.fit(verdicts.answered(LINES, foreign=False), SAME)
        assert verdicts.fit(pairs, SAME).weights == plain.weights

    def test_sentences_in_another_language_are_fitted_apart(self) -> None:
        foreign = [line(place, yes, 0.5, language="de") for place in PLACES for yes in (True, False)]
        assert len(verdicts.answered([*LINES, *foreign], foreign=True)) == len(foreign)

    def test_a_threshold_keeps_and_lets_pass(self) -> None:
        pairs = verdicts.answered(LINES[:4], foreign=False)
        found = {least: (passed, kept) for least, passed, kept in verdicts.table(pairs, [0.9, 0.2, 0.7, 0.6])}
        assert (found[0.5], found[0.7], found[0.8]) == ((0.5, 1.0), (0.0, 1.0), (0.0, 0.5))


class TestTheCommand:
    def test_it_prints_what_a_verdict_is_made_with(self, tmp_path: Path, capsys: Any, settings: Any) -> None:
        settings.COPILOT_MODEL = "a-writer"
        call_command("fit_grounding", details=write(tmp_path / "details.jsonl", LINES))
        entry = tomllib.loads(capsys.readouterr().out)["a-writer"]["same"]
        weights = Weights(**entry)
        assert 0 < weights.weak <= weights.supported <= 1
        likely, unlikely = (
            decide(
                LINES[0]["claim"],
                [LINES[0]["source"]],
                "en",
                said=BothWays(share, share),
                weights=OfWriter(weights, weights),
            )
            for share in (0.95, 0.05)
        )
        assert likely.score and unlikely.score and likely.score > 0.5 > unlikely.score

    def test_it_reads_what_the_evaluation_writes(
        self, tmp_path: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
    ) -> None:
        settings.LLM_EMBEDDED, settings.COPILOT_MODEL = True, "qwen2.5-coder-1.5b-instruct"
        monkeypatch.setattr(llm, "HttpModel", lambda: FakeModel(yes=0.8))
        details = tmp_path / "details.jsonl"
        call_command("evaluate_grounding", data=write(tmp_path / "pairs.jsonl", LINES), details=details)
        assert len(details.read_text().splitlines()) == len(LINES)
        capsys.readouterr()
        call_command("fit_grounding", details=details)
        assert '["qwen2.5-coder-1.5b-instruct".same]' in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("lines", "message"),
        [
            ([{"claim": "a"}], "has no language"),
            ([{**each, "said": None} for each in LINES], "without the model's answers"),
            (LINES[:20], "there are 20 pairs, it needs 50"),
            ([{**each, "supported": True} for each in LINES], "without both kinds of pairs"),
        ],
    )
    def test_what_it_cannot_fit_with_is_named(self, tmp_path: Path, lines: list[dict[str, Any]], message: str) -> None:
        with pytest.raises(CommandError, match=message):
            call_command("fit_grounding", details=write(tmp_path / "details.jsonl", lines))

    def test_a_file_that_is_not_there_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="none"):
            call_command("fit_grounding", details=tmp_path / "none.jsonl")
