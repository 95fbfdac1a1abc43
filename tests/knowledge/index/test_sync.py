"""Vectors follow SQL: they are stored after any interruption and restored after any loss."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from knowledge import tasks
from knowledge.articles import publishing
from knowledge.index.embeddings import FakeEmbedder
from knowledge.index.vectors import IndexUnavailable
from knowledge.models import Article, Chunk
from knowledge.sync import storing
from knowledge.sync.storing import Plan, Rebuilt, plan
from tests.knowledge.conftest import EXPORT
from tests.knowledge.fakes import MemoryStore

Write = Callable[..., Article]


@pytest.mark.parametrize(
    ("wanted", "stored", "expected"),
    [
        ({}, {}, Plan((), ())),
        ({1: "a"}, {}, Plan((1,), ())),
        ({1: "a"}, {1: "a"}, Plan((), ())),
        ({1: "b"}, {1: "a"}, Plan((1,), ())),
        ({}, {1: "a"}, Plan((), (1,))),
        ({1: "a", 3: "c"}, {1: "a", 2: "b"}, Plan((3,), (2,))),
    ],
)
def test_the_plan(wanted: dict[int, str], stored: dict[int, str], expected: Plan) -> None:
    assert plan(wanted, stored) == expected


def test_an_approved_article_gets_its_vectors_and_then_its_marker(store: MemoryStore, write: Write) -> None:
    article = write()
    storing.sync_article(article.pk)
    article.refresh_from_db()
    assert set(store.entries) == set(Chunk.objects.values_list("id", flat=True))
    assert article.indexed_id == article.published_id
    assert storing.pending() == []


def test_a_new_revision_embeds_only_what_changed(store: MemoryStore, write: Write) -> None:
    article = write()
    storing.sync_article(article.pk)
    article.body_md += "\n\n## New section\n\n" + "brand new words " * 20
    publishing.save_revision(article)
    publishing.approve(article)
    assert storing.sync_article(article.pk).upserted == 1


def test_an_interrupted_sync_resumes(store: MemoryStore, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "BATCH", 1)
    article = write(body="\n\n".join(f"## Part {i}\n\n" + f"word{i} " * 60 for i in range(5)))
    store.fail_after = 3  # one listing and two batches
    with pytest.raises(IndexUnavailable):
        storing.sync_article(article.pk)
    assert len(store.entries) == 2
    assert storing.pending() == [article.pk]
    store.fail_after = None
    assert storing.sync_all().upserted == 3
    assert storing.pending() == []


def test_the_marker_is_not_written_for_a_revision_that_was_replaced_meanwhile(
    store: MemoryStore, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = write()
    upsert = store.upsert

    def replaced_meanwhile(entries: Any) -> None:
        upsert(entries)
        monkeypatch.setattr(store, "upsert", upsert)
        fresh = Article.objects.get(pk=article.pk)
        fresh.body_md = EXPORT
        publishing.save_revision(fresh)
        publishing.approve(fresh)

    monkeypatch.setattr(store, "upsert", replaced_meanwhile)
    storing.sync_article(article.pk)
    assert storing.pending() == [article.pk]
    storing.sync_all()
    assert set(store.entries) == set(Chunk.objects.values_list("id", flat=True))


def test_unpublished_articles_lose_their_vectors(store: MemoryStore, write: Write) -> None:
    article = write()
    storing.sync_all()
    publishing.unpublish(article)
    assert storing.sync_all().deleted > 0
    assert store.entries == {}
    article.refresh_from_db()
    assert article.indexed is None


def test_nothing_to_do_costs_two_queries_and_one_call(
    store: MemoryStore, write: Write, django_assert_num_queries: Any
) -> None:
    write()
    storing.sync_all()
    store.calls.clear()
    with django_assert_num_queries(2):
        assert storing.sync_all().upserted == 0
    assert store.calls == ["count"]


def test_a_store_that_lost_everything_is_filled_again(store: MemoryStore, write: Write) -> None:
    write()
    storing.sync_all()
    store.entries.clear()
    assert storing.sync_all().upserted == Chunk.objects.count() == len(store.entries)


def test_vectors_of_deleted_articles_are_removed(store: MemoryStore, write: Write) -> None:
    article = write()
    storing.sync_all()
    article.delete()
    storing.sync_all()
    assert store.entries == {}


def test_a_run_that_runs_out_of_time_continues_next_time(store: MemoryStore, write: Write) -> None:
    write()
    assert storing.sync_all(patience=-1).finished is False
    assert storing.sync_all().finished is True


def test_jobs_report_a_failure_and_leave_it_to_the_schedule(store: MemoryStore, write: Write) -> None:
    article = write()
    store.fail_after = 0
    assert tasks.sync_article(article.pk).startswith("waits")
    assert tasks.sync_all().startswith("waits")
    store.fail_after = None
    assert tasks.sync_all() == f"{Chunk.objects.count()} stored, 0 removed"


def test_reindex_rebuilds_words_and_vectors(store: MemoryStore, write: Write) -> None:
    write()
    write("Export", EXPORT)
    assert storing.reindex() == Rebuilt(articles=2, chunks=Chunk.objects.count(), reused=0)
    assert set(store.entries) == set(Chunk.objects.values_list("id", flat=True))
    assert storing.pending() == []


def test_an_interrupted_reindex_is_continued(store: MemoryStore, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "BATCH", 1)
    write(body="\n\n".join(f"## Part {i}\n\n" + f"word{i} " * 60 for i in range(5)))
    storing.sync_all()
    before = dict(store.entries)
    built = store.building()
    built.fail_after = 3  # one listing and two batches
    with pytest.raises(IndexUnavailable):
        storing.reindex()
    assert store.entries == before
    built.fail_after = None
    told: list[tuple[str, int, int]] = []
    assert storing.reindex(lambda *step: told.append(step)) == Rebuilt(1, 5, reused=2)
    assert told[:3] == [(storing.READ, 1, 1), (storing.INDEXED, 2, 5), (storing.INDEXED, 3, 5)]
    assert told[-1] == (storing.INDEXED, 5, 5)


def test_changes_during_a_reindex_are_in_the_new_index(store: MemoryStore, write: Write) -> None:
    refunds, export = write(), write("Export", EXPORT)
    meanwhile = iter(
        [lambda: publishing.unpublish(refunds), lambda: change(export), lambda: write("New", "New words.")]
    )

    def interfere(step: str, done: int, total: int) -> None:
        if step == storing.INDEXED:
            next(meanwhile, lambda: None)()

    storing.reindex(interfere)
    assert set(store.entries) == set(Chunk.objects.values_list("id", flat=True))
    assert set(Article.objects.published().values_list("title", flat=True)) == {"Export", "New"}
    assert storing.pending() == []


def change(article: Article) -> None:
    fresh = Article.objects.get(pk=article.pk)
    fresh.body_md += "\n\n## More\n\n" + "changed while the index was rebuilt " * 10
    publishing.save_revision(fresh)
    publishing.approve(fresh)


def test_a_reindex_splits_the_revision_that_is_published_now(store: MemoryStore, write: Write) -> None:
    before = write()
    change(before)
    assert publishing.rechunk(before) == Chunk.objects.count()
    assert set(Chunk.objects.values_list("revision_id", flat=True)) == {Article.objects.get().published_id}


def test_a_vector_stored_since_the_plan_was_made_is_not_removed(
    store: MemoryStore, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    article = write()
    storing.sync_all()
    hashes = store.hashes

    def and_then_a_colleague_publishes(article_ids: Any = None) -> dict[int, str]:
        monkeypatch.setattr(store, "hashes", hashes)
        change(article)
        storing.sync_article(article.pk)
        return hashes(article_ids)

    monkeypatch.setattr(store, "hashes", and_then_a_colleague_publishes)
    storing.repair()
    assert set(store.entries) == set(Chunk.objects.values_list("id", flat=True))


def test_a_run_that_runs_out_of_time_queues_the_next(
    store: MemoryStore, write: Write, queued: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    queued.clear()
    monkeypatch.setattr(storing.sync_all, "__defaults__", (-1.0,))
    assert tasks.sync_all() == "0 stored, 0 removed, more to do"
    assert queued == [("knowledge.tasks.sync_all",)]


def test_no_text_is_embedded_twice(store: MemoryStore, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("Lost property", "Ask for lost umbrellas at the blue door.")
    storing.sync_all()
    store.entries.clear()
    monkeypatch.setattr(FakeEmbedder, "embed_passages", None)
    assert storing.sync_all().upserted == 1


def test_the_hourly_check_finds_what_counting_does_not(store: MemoryStore, write: Write) -> None:
    write()
    storing.sync_all()
    lost = store.entries.pop(min(store.entries))
    store.upsert([replace(lost, chunk_id=999_999)])
    assert storing.sync_all().upserted == 0
    assert tasks.check_index() == "1 stored, 1 removed"
    assert set(store.entries) == set(Chunk.objects.values_list("id", flat=True))
