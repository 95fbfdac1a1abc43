"""From rules, alignment and the model's probability to one verdict."""

import json
from pathlib import Path
from typing import Any

import pytest

from copilot.evaluation import grounding as measuring
from copilot.grounding import weights as fitted
from copilot.grounding.verdicts import BothWays, Support, decide
from copilot.grounding.weights import OfWriter, Weights
from copilot.prompts import load

WRITER = "qwen2.5-coder-1.5b-instruct"
UNITS = ["Parcels stay in the locker for 3 days.", "Returns are free within the country."]
PARAPHRASE = "Sending something back costs nothing inside the country."
WEIGHTS = OfWriter(Weights(0, 0.6, 0.4, supported=0.8, weak=0.5), Weights(0, 0.6, 0.4, supported=0.95, weak=0.6))


def both(probability: float) -> BothWays:
    return BothWays(probability, probability)


SAVED = json.loads((Path(__file__).parent / "probabilities.json").read_text(encoding="utf-8"))


def test_word_for_word_needs_no_model() -> None:
    verdict = decide("Returns are free within the country.", UNITS, "en")
    assert (verdict.support, verdict.unit, verdict.reason, verdict.score) == ("supported", 1, "word_for_word", 1.0)


def test_an_objection_outweighs_the_model() -> None:
    verdict = decide("Parcels stay in the locker for 5 days.", UNITS, "en", said=both(1.0), weights=WEIGHTS)
    assert (verdict.support, verdict.reason, verdict.words) == ("unsupported", "time", "5 days")


@pytest.mark.parametrize(
    ("probability", "support", "reason"),
    [(0.9, "supported", "checked"), (0.6, "weak", "not_sure"), (0.2, "unsupported", "missing")],
)
def test_the_model_decides_about_the_rest(probability: float, support: str, reason: str) -> None:
    verdict = decide(PARAPHRASE, UNITS, "en", said=both(probability), weights=WEIGHTS)
    assert (verdict.support, verdict.reason) == (support, reason)


def test_what_does_not_state_its_source_in_turn_is_less_sure() -> None:
    """It may leave out a condition."""
    verdict = decide(PARAPHRASE, UNITS, "en", said=BothWays(stated=0.9, states=0.1), weights=WEIGHTS)
    assert verdict.support is Support.WEAK


@pytest.mark.parametrize(("said", "weights"), [(None, WEIGHTS), (BothWays(1.0, 1.0), None)])
def test_what_was_not_checked_is_weak(said: BothWays | None, weights: OfWriter | None) -> None:
    verdict = decide(PARAPHRASE, UNITS, "en", said=said, weights=weights)
    assert (verdict.support, verdict.reason, verdict.score) == ("weak", "not_checked", None)


def test_in_another_language_only_the_model_can_say() -> None:
    said = "Rücksendungen innerhalb des Landes sind kostenlos."
    given = {"weights": WEIGHTS, "source_language": "en"}
    for probability, support in [(0.97, Support.SUPPORTED), (0.9, Support.WEAK), (0.5, Support.UNSUPPORTED)]:
        assert decide(said, UNITS, "de", said=both(probability), **given).support is support


def test_without_sources_nothing_is_supported() -> None:
    assert decide(PARAPHRASE, [], "en", said=both(0.5), weights=WEIGHTS).unit is None
    assert decide("Hello.", [], "en").support is Support.WEAK


def test_a_writer_that_nobody_measured_has_no_weights() -> None:
    assert fitted.of_writer("smollm2-135m-instruct") is None
    assert fitted.of_writer(WRITER) is not None


def test_the_weights_belong_to_this_prompt() -> None:
    """Whoever changes the prompt fits the weights again (weights.toml)."""
    assert load("verify-1").version == SAVED["prompt"]


def report_of(path: Path, saved: dict[str, list[float | None]]) -> dict[str, Any]:
    """With what the writer answered when the weights were fitted. None: a rule decides, so it was not asked."""
    weights, pairs = fitted.of_writers()[WRITER], measuring.read_pairs(path)
    parts = {source: [unit.text for unit in measuring.units(source)] for source in {pair.source for pair in pairs}}
    judged = [
        measuring.judged(pair, parts[pair.source], BothWays(stated or 0, states or 0), weights)
        for pair, stated, states in zip(pairs, saved["stated"], saved["states"], strict=True)
    ]
    weak = [each.pair.supported for each in judged if each.verdict.support is not Support.UNSUPPORTED]
    shares = {"supported_weak": sum(weak), "unsupported_weak": len(weak) - sum(weak)}
    return measuring.report(judged, 1.0, weights.same.supported) | shares


def test_the_shipped_weights_keep_their_promise_on_our_pairs() -> None:
    report = report_of(measuring.PAIRS, SAVED)
    assert report["auc"] >= 0.96 and report["unsupported_passed"] <= 0.02 and report["supported_kept"] >= 0.6
    assert report["per_kind"]["near_verbatim"]["supported"] >= 63
    assert report["supported_weak"] >= 0.9 * 230 and report["unsupported_weak"] <= 0.1 * 230


def test_and_on_translations() -> None:
    report = report_of(measuring.TRANSLATIONS, SAVED["translations"])
    assert report["auc"] >= 0.9 and report["unsupported_passed"] <= 0.02 and report["supported_kept"] >= 0.25
    assert report["supported_weak"] >= 90 and report["unsupported_weak"] <= 30


def test_rules_and_alignment_alone_pass_nothing_wrong_on_our_pairs() -> None:
    judged, seconds = measuring.judge(measuring.read_pairs(measuring.PAIRS), None, None, lambda judged: None)
    assert seconds < 60
    assert [each.pair.claim for each in judged if each.passed and not each.pair.supported] == []
    assert sum(each.passed for each in judged) >= 55
    objected = [each for each in judged if each.verdict.support is Support.UNSUPPORTED]
    assert sum(each.pair.supported for each in objected) <= 2 and len(objected) >= 90
