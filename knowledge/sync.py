"""SQL's chunks -> the vector store: plan purely, then apply. Every step may be killed and run again.

`article.indexed` is the commit marker: it is written last, and only if the revision that was
synced is still the published one.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, Q

from knowledge import publishing
from knowledge.chunking import passage_text
from knowledge.embeddings import Embedder, get_embedder
from knowledge.index import Entry, VectorStore, get_store
from knowledge.models import Article, Chunk

logger = logging.getLogger(__name__)

BATCH = 64  # chunks embedded and stored at a time
# A run stops here and the next one goes on: it must end before the schedule starts another.
PATIENCE = 45.0


@dataclass(frozen=True)
class Plan:
    """Chunk ids to embed and store, and ids to remove from the store."""

    upserts: tuple[int, ...]
    deletes: tuple[int, ...]

    @property
    def empty(self) -> bool:
        return not self.upserts and not self.deletes


@dataclass(frozen=True)
class SyncReport:
    articles: int = 0
    upserted: int = 0
    deleted: int = 0
    finished: bool = True


def plan(wanted: Mapping[int, str], stored: Mapping[int, str]) -> Plan:
    """Compare `{chunk id: content hash}` as it should be with what the store has."""
    return Plan(
        upserts=tuple(chunk_id for chunk_id, key in wanted.items() if stored.get(chunk_id) != key),
        deletes=tuple(chunk_id for chunk_id in stored if chunk_id not in wanted),
    )


def pending() -> list[int]:
    """Articles whose vectors are not those of what is published."""
    differs = (
        Q(published__isnull=False, indexed__isnull=True)
        | Q(published__isnull=True, indexed__isnull=False)
        | (Q(published__isnull=False, indexed__isnull=False) & ~Q(indexed=F("published")))
    )
    return list(Article.objects.filter(differs).order_by("published_at", "id").values_list("id", flat=True))


def sync_article(article_id: int, embedder: Embedder | None = None, store: VectorStore | None = None) -> SyncReport:
    """Bring one article's vectors up to date. Raises IndexUnavailable or EmbedderUnavailable."""
    embedder = embedder or get_embedder()
    store = store or get_store(embedder.name)
    published_id = Article.objects.filter(pk=article_id).values_list("published_id", flat=True).first()
    wanted = dict(Chunk.objects.filter(article_id=article_id).values_list("id", "content_hash"))
    todo = plan(wanted, store.hashes([article_id]))
    _apply(todo, embedder, store)
    Article.objects.filter(pk=article_id, published_id=published_id).update(indexed_id=published_id)
    logger.info("Article %s: %d vectors stored, %d removed", article_id, len(todo.upserts), len(todo.deletes))
    return SyncReport(1, len(todo.upserts), len(todo.deletes))


def sync_all(patience: float = PATIENCE) -> SyncReport:
    """Everything that was missed: unfinished articles, then vectors that the store lost or kept too long."""
    deadline = time.monotonic() + patience
    embedder = get_embedder()
    store = get_store(embedder.name)
    reports: list[SyncReport] = []
    for article_id in pending():
        if time.monotonic() > deadline:
            return _total(reports, finished=False)
        reports.append(sync_article(article_id, embedder, store))
    if store.count() != Chunk.objects.count():
        reports.append(_repair(embedder, store, deadline))
    return _total(reports, finished=all(report.finished for report in reports))


def reindex(progress: Callable[[int, int], object] = lambda done, total: None) -> tuple[int, int]:
    """Rebuild words and vectors from SQL beside the ones in use, then swap; returns (articles, chunks)."""
    embedder = get_embedder()
    store = get_store(embedder.name)
    for article in Article.objects.filter(published__isnull=False).select_related("published"):
        publishing.rechunk(article)
    snapshot = dict(Article.objects.values_list("id", "published_id"))
    chunk_ids = list(Chunk.objects.order_by("id").values_list("id", flat=True))
    built = store.building()
    for start in range(0, len(chunk_ids), BATCH):
        built.upsert(_entries(chunk_ids[start : start + BATCH], embedder))
        progress(min(start + BATCH, len(chunk_ids)), len(chunk_ids))
    store.replace_with(built)
    for article_id, published_id in snapshot.items():
        Article.objects.filter(pk=article_id, published_id=published_id).update(indexed_id=published_id)
    # What was published or withdrawn while the rebuild ran.
    _repair(embedder, store, deadline=float("inf"))
    return sum(1 for published_id in snapshot.values() if published_id), len(chunk_ids)


def _repair(embedder: Embedder, store: VectorStore, deadline: float) -> SyncReport:
    wanted = dict(Chunk.objects.values_list("id", "content_hash"))
    todo = plan(wanted, store.hashes())
    if not todo.empty:
        logger.warning("Vectors differ from SQL: %d missing, %d too many", len(todo.upserts), len(todo.deletes))
    done = 0
    for part in _batches(todo.upserts):
        if time.monotonic() > deadline:
            return SyncReport(0, done, 0, finished=False)
        _apply(Plan(tuple(part), ()), embedder, store)
        done += len(part)
    store.delete(todo.deletes)
    return SyncReport(0, done, len(todo.deletes))


def _apply(todo: Plan, embedder: Embedder, store: VectorStore) -> None:
    for part in _batches(todo.upserts):
        store.upsert(_entries(part, embedder))
    if todo.deletes:
        store.delete(todo.deletes)


def _batches(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _entries(chunk_ids: Sequence[int], embedder: Embedder) -> list[Entry]:
    """Of those chunks that still exist; embedding happens outside any transaction."""
    rows = list(Chunk.objects.filter(pk__in=chunk_ids).select_related("revision").order_by("id"))
    vectors = embedder.embed_passages([passage_text(row.revision.title, row.heading_path, row.text) for row in rows])
    return [Entry(row.pk, row.article_id, row.content_hash, vector) for row, vector in zip(rows, vectors, strict=True)]


def _total(reports: list[SyncReport], finished: bool) -> SyncReport:
    return SyncReport(
        sum(each.articles for each in reports),
        sum(each.upserted for each in reports),
        sum(each.deleted for each in reports),
        finished,
    )
