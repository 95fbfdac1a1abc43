"""Revisions and states: nothing is overwritten silently; articles are searchable, or hidden, immediately."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError

from config import jobs
from knowledge.articles import publishing
from knowledge.index import lexical
from knowledge.models import Article, Chunk
from knowledge.search.retrieval import search
from knowledge.signals import article_published, article_unpublished
from tests.knowledge.conftest import REFUNDS
from tests.knowledge.fakes import MemoryStore

Write = Callable[..., Article]


def by_words(query: str) -> list[str]:
    return list(dict.fromkeys(hit.title for hit in search(query, mode="lexical", min_score=0).passages))


def test_approving_makes_words_searchable_in_the_same_transaction(store: MemoryStore, write: Write) -> None:
    article = write()
    assert by_words("refund business days") == ["Refunds"]
    assert article.state == "approved"
    assert article.published == article.revisions.get()
    assert article.indexed is None


def test_a_draft_is_not_searchable(store: MemoryStore, write: Write) -> None:
    write(approve=False)
    assert by_words("refund") == []


def test_saving_the_same_text_makes_no_revision_and_a_new_text_makes_one(write: Write) -> None:
    article = write()
    publishing.save_revision(article, note="nothing")
    assert article.revisions.count() == 1
    article.body_md += "\nMore."
    publishing.save_revision(article, note="more")
    assert [revision.number for revision in article.revisions.all()] == [2, 1]


def test_what_is_published_stays_until_the_next_approval(store: MemoryStore, write: Write) -> None:
    article = write()
    article.title, article.body_md = "Refunds, new", "A refund takes a fortnight."
    publishing.save_revision(article)
    assert by_words("fortnight") == []
    assert by_words("refund card") == ["Refunds"]
    publishing.approve(article)
    assert by_words("fortnight") == ["Refunds, new"]


def test_unchanged_passages_keep_their_row(write: Write) -> None:
    article = write()
    before = {chunk.content_hash: chunk.pk for chunk in article.chunks.all()}
    article.body_md = REFUNDS + "\n\n## New section\n\n" + "brand new words " * 20
    publishing.save_revision(article)
    publishing.approve(article)
    after = {chunk.content_hash: chunk.pk for chunk in article.chunks.all()}
    shared = before.keys() & after.keys()
    assert shared
    assert all(before[key] == after[key] for key in shared)
    assert {chunk.revision_id for chunk in article.chunks.all()} == {article.published_id}


def test_approving_twice_changes_nothing(store: MemoryStore, write: Write) -> None:
    article = write()
    ids = list(article.chunks.values_list("id", flat=True))
    publishing.approve(article)
    assert list(article.chunks.values_list("id", flat=True)) == ids
    assert by_words("refund") == ["Refunds"]


@pytest.mark.parametrize(("verb", "state"), [(publishing.unpublish, "draft"), (publishing.archive, "archived")])
def test_unpublishing_hides_immediately(store: MemoryStore, write: Write, verb: Any, state: str) -> None:
    article = write()
    verb(article)
    article.refresh_from_db()
    assert (article.state, article.published) == (state, None)
    assert by_words("refund") == []
    assert not Chunk.objects.exists()


def test_an_article_without_words_is_not_published(write: Write) -> None:
    article = write(body="<!-- nothing -->", approve=False)
    with pytest.raises(publishing.NothingToPublish):
        publishing.approve(article)
    article.refresh_from_db()
    assert article.state == "draft"


def test_two_writers_do_not_lose_each_others_text(write: Write) -> None:
    article = write()
    mine, theirs = Article.objects.get(pk=article.pk), Article.objects.get(pk=article.pk)
    theirs.body_md = "Their text."
    publishing.save_revision(theirs, based_on=1)
    mine.body_md = "My text."
    with pytest.raises(publishing.EditConflict) as conflict:
        publishing.save_revision(mine, based_on=1)
    assert conflict.value.newest.body_md == "Their text."
    article.refresh_from_db()
    assert article.body_md == "Their text."


def test_restoring_makes_the_old_text_the_newest(write: Write) -> None:
    article = write()
    article.body_md = "Something else."
    publishing.save_revision(article)
    restored = publishing.restore(article, article.revisions.get(number=1))
    assert (restored.number, restored.body_md) == (3, REFUNDS)


def test_signals_and_jobs_are_sent_on_commit_only(
    write: Write, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    heard: list[tuple[str, int]] = []
    queued: list[tuple[Any, ...]] = []
    monkeypatch.setattr(publishing, "queue", jobs.queue)
    monkeypatch.setattr(jobs, "_put", lambda function, ids, lane, after: queued.append((function, *ids)))

    def published(article_id: int, **kwargs: Any) -> None:
        heard.append(("published", article_id))

    def unpublished(article_id: int, **kwargs: Any) -> None:
        heard.append(("unpublished", article_id))

    article_published.connect(published)
    article_unpublished.connect(unpublished)
    with django_capture_on_commit_callbacks(execute=True):
        article = write()
        assert heard == queued == []
    with django_capture_on_commit_callbacks(execute=True):
        publishing.unpublish(article)
    assert heard == [("published", article.pk), ("unpublished", article.pk)]
    assert queued == [("knowledge.tasks.sync_article", article.pk)] * 2


def test_a_dead_queue_does_not_stop_an_author(
    db: None, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("the broker is gone")

    monkeypatch.setattr("django_q.tasks.async_task", broken)
    article = Article(title="Refunds", body_md=REFUNDS)
    with django_capture_on_commit_callbacks(execute=True):
        publishing.save_revision(article)
        publishing.approve(article)
    assert Article.objects.get().state == "approved"


def test_a_deleted_article_leaves_no_full_text_rows(write: Write) -> None:
    write().delete()
    assert lexical.find("refund", 10) == []
