"""`manage.py doctor` says what the minimum score of search is, where it comes from, and how to measure it."""

from dataclasses import replace
from typing import Any

import pytest

from config.running import doctor
from knowledge.search import configuration

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def bge(settings: Any) -> None:
    settings.EMBEDDING_MODEL, settings.RERANK_MODEL = "bge-small-en-v1.5-onnx", ""
    settings.RETRIEVAL_MIN_SCORE = None


def finding() -> doctor.Finding:
    return doctor.examine("search score")[0]


def test_a_measured_minimum_score_is_ok() -> None:
    found = finding()
    assert (found.state, found.why) == (
        "ok",
        "minimum score 0.58 for bge-small-en-v1.5-onnx, without a reranker; measured",
    )


def test_what_a_lead_saved_is_named(settings: Any) -> None:
    saved = configuration.save(replace(configuration.current(), min_score=0.62))
    assert finding().why.startswith("minimum score 0.62 ") and finding().why.endswith(
        f"saved as configuration {saved.number}"
    )


def test_an_embedder_that_nobody_measured_is_named_with_the_command_that_does(settings: Any) -> None:
    settings.EMBEDDING_MODEL = "fake"
    found = finding()
    assert found.state == "degraded" and "this embedder was not measured" in found.why
    assert "evaluate_answerability" in found.mend and "--save" in found.mend


def test_a_number_left_in_the_environment_for_another_embedder_is_noticed(settings: Any) -> None:
    settings.RETRIEVAL_MIN_SCORE = 0.82
    found = finding()
    assert found.state == "degraded" and "0.58 was measured" in found.why and "RETRIEVAL_MIN_SCORE" in found.mend
    settings.RETRIEVAL_MIN_SCORE = 0.58
    assert finding().state == "ok"


def test_a_reranker_that_nobody_measured_is_mentioned(settings: Any) -> None:
    settings.RERANK_MODEL = "fake"
    assert "the reranker was not measured" in finding().why
