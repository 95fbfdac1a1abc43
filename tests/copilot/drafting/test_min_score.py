"""The minimum score of drafts depends on the writer: measured for those of the catalogue, 0.5 for others."""

from typing import Any

import pytest

from config.running import doctor
from copilot.confidence import judging
from copilot.drafting import min_score, selecting
from copilot.drafting.pointing import Pointed
from copilot.grounding import checking


@pytest.fixture(autouse=True)
def our_own_writer(settings: Any) -> None:
    settings.COPILOT_MODEL = "qwen2.5-coder-1.5b-instruct"
    settings.DRAFT_MIN_SCORE, settings.LLM_EMBEDDED = None, True


def test_the_writer_of_the_catalogue_has_the_one_that_was_measured() -> None:
    assert min_score.of_writer() == min_score.MinScore(0.66, "measured")


@pytest.mark.parametrize("model", ["smollm2-135m-instruct", "/models/own.gguf"])
def test_for_an_unmeasured_writer_the_likelier_of_yes_and_no_decides(settings: Any, model: str) -> None:
    settings.COPILOT_MODEL = model
    assert min_score.of_writer() == min_score.MinScore(0.5, "cautious")


@pytest.mark.parametrize("other", [{"LLM_EMBEDDED": False}, {"LLM_LORA": "/models/tone.gguf"}])
def test_the_same_holds_for_another_server_and_an_adapter_whatever_model_is_named(
    settings: Any, other: dict[str, Any]
) -> None:
    """Nor is a sentence checked with the weights of a writer that it is not, or a draft called likely to be right."""
    assert checking.weights_of_writer() and judging.weights_of_writer()
    for name, value in other.items():
        setattr(settings, name, value)
    assert min_score.of_writer() == min_score.MinScore(0.5, "cautious") and not min_score.is_sure(0.99)
    assert checking.weights_of_writer() is None and judging.weights_of_writer() is None


def test_what_an_unmeasured_writer_says_is_taken_as_it_is(settings: Any) -> None:
    assert min_score.calibration() == selecting.FITTED
    settings.LLM_EMBEDDED = False
    assert min_score.calibration() == selecting.Calibration()
    said = selecting.select([0.0], ["It is free."], Pointed(0.4, (0.6,)), calibration=selecting.Calibration())
    assert said.probability == pytest.approx(0.6, abs=0.001)


@pytest.mark.parametrize("embedded", [True, False])
@pytest.mark.parametrize("given", [0.7, 0.0])
def test_what_somebody_sets_counts_for_any_writer(settings: Any, embedded: bool, given: float) -> None:
    settings.LLM_EMBEDDED, settings.DRAFT_MIN_SCORE = embedded, given
    assert min_score.of_writer() == min_score.MinScore(given, "set")


@pytest.mark.parametrize(
    ("embedded", "given", "state", "said"),
    [
        (True, None, "ok", "0.66 for qwen2.5-coder-1.5b-instruct; measured"),
        (False, None, "degraded", "nobody has measured this writer"),
        (False, 0.6, "ok", "0.60 for the writer at http://elsewhere:8000/v1; set by DRAFT_MIN_SCORE"),
        (True, 0.0, "ok", "whatever is found counts as an answer"),
    ],
)
def test_the_doctor_says_where_it_comes_from(
    settings: Any, embedded: bool, given: float | None, state: str, said: str
) -> None:
    settings.LLM_EMBEDDED, settings.DRAFT_MIN_SCORE = embedded, given
    settings.LLM_BASE_URL = "http://elsewhere:8000/v1"
    (found,) = doctor.examine("draft score")
    assert found.state == state and said in found.why
    assert state == "ok" or "evaluate_refusals" in found.mend
