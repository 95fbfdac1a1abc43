"""With an embedder for English, passages for questions in other languages need more than a near vector."""

from typing import Any

import pytest

from knowledge.index import lexical
from knowledge.search import query_language
from tests.copilot.conftest import passage

GERMAN = passage(1, "Der Link zum Zurücksetzen gilt 60 Minuten.", title="Passwort zurücksetzen", language="de")


@pytest.fixture(autouse=True)
def every_word_is_equally_rare(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.EMBEDDING_MULTILINGUAL = False
    settings.RERANK_MODEL = "ms-marco-minilm-l12-v2-onnx"
    monkeypatch.setattr(lexical, "rarity", lambda query_words: dict.fromkeys(query_words, 1.0))


def found(logit: float | None) -> Any:
    return passage(1, GERMAN.text, title=GERMAN.title, language="de", logit=logit)


@pytest.mark.parametrize("logit", [None, -11.2, -6.4])
def test_a_near_vector_is_not_enough(logit: float | None) -> None:
    assert query_language.reliable("Rezept für Apfelkuchen", [found(logit)], "de") == ()


@pytest.mark.parametrize("logit", [2.6, -1.6])
def test_the_reranker_confirms_a_passage(logit: float) -> None:
    assert query_language.reliable("Kennwort vergessen", [found(logit)], "de") == (found(logit),)


def test_a_reranker_that_nobody_measured_confirms_nothing(settings: Any) -> None:
    settings.RERANK_MODEL = "fake"
    assert query_language.reliable("Kennwort vergessen", [found(2.6)], "de") == ()


def test_rare_words_of_the_question_confirm_a_passage(monkeypatch: pytest.MonkeyPatch) -> None:
    assert query_language.reliable("Passwort vergessen", [found(-9)], "de") == (found(-9),)
    assert query_language.reliable("Passwort der Katze beim Tierarzt vergessen", [found(-9)], "de") == ()


def test_english_and_languages_that_the_embedder_knows_need_no_confirmation(settings: Any) -> None:
    assert query_language.reliable("cheap flights", [found(-9)], "en") == (found(-9),)
    assert query_language.reliable("cheap flights", [found(-9)], "") == (found(-9),)
    settings.EMBEDDING_MULTILINGUAL = True
    assert query_language.reliable("Rezept für Apfelkuchen", [found(-9)], "de") == (found(-9),)
