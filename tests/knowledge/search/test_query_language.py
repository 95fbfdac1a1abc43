"""What an embedder that knows English alone calls near says nothing about a question in another language."""

from typing import Any

import pytest

from knowledge.index import lexical
from knowledge.search import query_language
from tests.copilot.conftest import passage

GERMAN = passage(1, "Der Link zum Zurücksetzen gilt 60 Minuten.", title="Passwort zurücksetzen", language="de")


@pytest.fixture(autouse=True)
def every_word_tells_alike(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.EMBEDDING_MULTILINGUAL = False
    settings.RERANK_MODEL = "ms-marco-minilm-l12-v2-onnx"
    monkeypatch.setattr(lexical, "rarity", lambda query_words: dict.fromkeys(query_words, 1.0))


def witnessed(logit: float | None) -> Any:
    return passage(1, GERMAN.text, title=GERMAN.title, language="de", logit=logit)


@pytest.mark.parametrize("logit", [None, -11.2, -6.4])
def test_near_alone_is_no_answer(logit: float | None) -> None:
    assert query_language.believed("Rezept für Apfelkuchen", [witnessed(logit)], "de") == ()


@pytest.mark.parametrize("logit", [2.6, -1.6])
def test_the_reranker_speaks_for_a_passage(logit: float) -> None:
    assert query_language.believed("Kennwort vergessen", [witnessed(logit)], "de") == (witnessed(logit),)


def test_a_reranker_that_nobody_measured_speaks_for_nothing(settings: Any) -> None:
    settings.RERANK_MODEL = "fake"
    assert query_language.believed("Kennwort vergessen", [witnessed(2.6)], "de") == ()


def test_so_do_the_words_that_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    assert query_language.believed("Passwort vergessen", [witnessed(-9)], "de") == (witnessed(-9),)
    assert query_language.believed("Passwort der Katze beim Tierarzt vergessen", [witnessed(-9)], "de") == ()


def test_english_and_languages_that_the_embedder_knows_are_believed(settings: Any) -> None:
    assert query_language.believed("cheap flights", [witnessed(-9)], "en") == (witnessed(-9),)
    assert query_language.believed("cheap flights", [witnessed(-9)], "") == (witnessed(-9),)
    settings.EMBEDDING_MULTILINGUAL = True
    assert query_language.believed("Rezept für Apfelkuchen", [witnessed(-9)], "de") == (witnessed(-9),)
