"""Search settings belong to the models that they were saved for."""

import importlib
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse

from config.versioned import RowsAreNeverChanged
from knowledge.index.similarity import Likeness
from knowledge.models import Article, RetrievalConfiguration
from knowledge.search import configuration, min_scores
from knowledge.search.configuration import MadeForOtherModels, Models, Use
from knowledge.search.retrieval import search
from knowledge.sync import storing
from tests.knowledge.fakes import MemoryStore
from tickets.models import User

pytestmark = pytest.mark.django_db
BGE, E5, RERANKER = "bge-small-en-v1.5-onnx", "multilingual-e5-small-q4", "ms-marco-minilm-l12-v2-onnx"


@pytest.fixture(autouse=True)
def bge_and_its_reranker(settings: Any) -> None:
    settings.EMBEDDING_MODEL, settings.RERANK_MODEL, settings.RETRIEVAL_MIN_SCORE = BGE, RERANKER, None


def save(min_score: float, note: str = "", by: User | None = None) -> configuration.Configuration:
    return configuration.save(replace(configuration.current(), min_score=min_score), note=note, by=by)


class TestDefaults:
    @pytest.mark.parametrize(("embedder", "expected"), [(BGE, 0.58), (E5, 0.82), ("all-minilm-l6-v2", 0.31)])
    def test_each_embedder_of_the_catalogue_has_its_own_minimum_score(
        self, settings: Any, embedder: str, expected: float
    ) -> None:
        settings.EMBEDDING_MODEL = embedder
        assert configuration.current().min_score == expected
        assert not configuration.min_score_not_measured(configuration.current())

    def test_an_embedder_that_nobody_measured_gets_a_cautious_one_on_its_own_scale(self, settings: Any) -> None:
        settings.EMBEDDING_MODEL = "fake"
        likeness = Likeness(min_scores.get_embedder().embed_passages)
        now = configuration.current()
        assert likeness.scaled(now.min_score) == pytest.approx(min_scores.CAUTIOUS, abs=0.01)
        assert configuration.min_score_not_measured(now)

    def test_an_embedder_that_is_not_there_does_not_stop_a_search_by_words(self, settings: Any) -> None:
        settings.EMBEDDING_MODEL = "/nowhere/unknown-model"
        assert configuration.current().min_score == min_scores.BY_WORDS

    def test_the_score_for_words_is_not_saved_for_an_embedder_that_is_not_there(
        self, settings: Any, client: Client, rosa: User
    ) -> None:
        settings.EMBEDDING_MODEL = "/nowhere/unknown-model"
        client.force_login(rosa)
        values = {"min_score": "0.5", "language_boost": "1.25", "category_boost": "2", "note": "more"}
        for address in (reverse("knowledge:sandbox_save"), reverse("knowledge:sandbox_use", args=[0])):
            client.post(address, values)
        assert not RetrievalConfiguration.objects.exists()

    def test_a_guess_that_somebody_saved_is_still_a_guess(self, settings: Any) -> None:
        settings.EMBEDDING_MODEL = "fake"
        guess = configuration.save(replace(configuration.current(), category_boost=2.0))
        assert configuration.min_score_not_measured(guess)
        assert not configuration.min_score_not_measured(save(0.9))

    def test_the_environment_can_set_another(self, settings: Any) -> None:
        settings.RETRIEVAL_MIN_SCORE = 0.4
        assert configuration.current().min_score == 0.4
        assert min_scores.of_embedder().source == "set"

    def test_a_reranker_has_its_own_minimum_score(self, settings: Any) -> None:
        assert min_scores.of_reranker() == -4.0
        settings.RERANK_MODEL = ""
        assert min_scores.of_reranker() is None


class TestSwitchingModels:
    def test_a_switched_embedder_does_not_keep_the_others_minimum_score(self, settings: Any) -> None:
        save(0.62)
        settings.EMBEDDING_MODEL = E5
        assert (configuration.current().min_score, configuration.current().number) == (0.82, 0)
        assert configuration.previous() == configuration.current()

    def test_switched_back_it_has_its_own_settings_again(self, settings: Any) -> None:
        saved = save(0.62)
        settings.EMBEDDING_MODEL = E5
        save(0.9)
        settings.EMBEDDING_MODEL = BGE
        assert configuration.current() == saved

    def test_a_switched_reranker_is_another_search_too(self, settings: Any) -> None:
        save(0.62)
        settings.RERANK_MODEL = ""
        assert configuration.current().models == Models(BGE, "")
        assert configuration.current().number == 0

    def test_the_version_depends_on_the_models(self, settings: Any) -> None:
        before = configuration.current().version
        settings.RERANK_MODEL = ""
        without = configuration.current().version
        settings.RERANK_MODEL = RERANKER
        assert len({before, without, save(0.62).version}) == 3

    def test_searching_takes_the_number_of_the_configured_embedder(
        self, settings: Any, store: MemoryStore, write: Callable[..., Article]
    ) -> None:
        save(1.0)  # for bge
        settings.RETRIEVAL_MIN_SCORE = None
        settings.EMBEDDING_MODEL, settings.RERANK_MODEL = "fake", ""
        write()
        storing.sync_all()
        assert search("refund reaches the card").min_score < 1.0


class TestTheHistory:
    def test_the_newest_for_these_models_is_in_use_and_those_of_others_come_last(self, settings: Any) -> None:
        first, second = save(0.6), save(0.62)
        settings.EMBEDDING_MODEL = E5
        other = save(0.9)
        settings.EMBEDDING_MODEL = BGE
        history = configuration.history(configuration.current(), 10)
        found = [(each.row.pk, each.use) for each in history]
        assert found == [(second.number, Use.NOW), (first.number, Use.EARLIER), (other.number, Use.OTHER_MODELS)]
        assert str(history[2].models) == f"{E5} and {RERANKER}"

    def test_what_was_made_for_other_models_cannot_be_used_again(self, settings: Any) -> None:
        saved = save(0.62)
        settings.EMBEDDING_MODEL = E5
        with pytest.raises(MadeForOtherModels):
            configuration.numbered(saved.number)
        settings.EMBEDDING_MODEL = BGE
        assert configuration.numbered(saved.number) == saved

    def test_a_row_is_never_changed(self, rosa: User) -> None:
        row = RetrievalConfiguration.objects.get(pk=save(0.62, "too chatty", rosa).number)
        row.min_score = 0.1
        with pytest.raises(RowsAreNeverChanged):
            row.save()
        row.refresh_from_db()
        assert (row.min_score, row.note, row.created_by) == (0.62, "too chatty", rosa)


class TestRowsOfAnOlderVersion:
    def test_rows_without_models_are_given_those_that_are_configured(self, settings: Any) -> None:
        settings.EMBEDDING_MODEL = f"/somewhere/{BGE}/"
        old = save(0.62)
        RetrievalConfiguration.objects.filter(pk=old.number).update(embedder="", reranker="")
        known = RetrievalConfiguration.objects.create(
            embedder=E5, reranker="", min_score=0.9, language_boost=1, category_boost=1
        )
        migration: Any = importlib.import_module("knowledge.migrations.0007_minimum_scores_of_models")
        apps = MigrationExecutor(connection).loader.project_state().apps
        migration.name_the_models(apps, SimpleNamespace(connection=connection))
        rows = dict(RetrievalConfiguration.objects.values_list("pk", "embedder"))
        assert rows == {old.number: BGE, known.pk: E5}
        assert RetrievalConfiguration.objects.get(pk=old.number).reranker == RERANKER

    @pytest.mark.django_db(transaction=True)
    def test_a_saved_number_survives_the_new_name_of_its_column(self) -> None:
        executor = MigrationExecutor(connection)
        executor.migrate([("knowledge", "0006_words_of_every_script")])
        try:
            before = executor.loader.project_state([("knowledge", "0006_words_of_every_script")]).apps
            rows = before.get_model("knowledge", "RetrievalConfiguration").objects
            rows.create(min_answerable=0.62, language_boost=1.25, category_boost=1.05, note="kept")
        finally:
            executor = MigrationExecutor(connection)
            executor.migrate(executor.loader.graph.leaf_nodes())
        now = configuration.current()
        assert (now.min_score, now.models) == (0.62, Models(BGE, RERANKER))
        assert RetrievalConfiguration.objects.get().note == "kept"
