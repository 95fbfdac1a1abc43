"""SQL's chunks -> the vector store: `plan` (pure), then apply. Every step may be interrupted and run again.

`article.indexed` is written last, and only if the revision that was stored is still the published one.
"""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db.models import F, Q

from knowledge.articles import publishing
from knowledge.index.embeddings import Embedder, get_embedder
from knowledge.index.vector_cache import embed_cached
from knowledge.index.vectors import Entry, IndexDamaged, VectorStore, get_store
from knowledge.models import Article, Chunk
from knowledge.sync import recovery
from knowledge.text.chunking import passage_text

logger = logging.getLogger(__name__)

BATCH = 64  # chunks embedded and stored at a time
GROUP = 16  # articles looked up and marked at a time
PATIENCE = 20.0  # seconds: then other jobs of the worker run, and the next run continues
NEVER = float("inf")
READ, INDEXED = "articles read", "passages indexed"
Embed = Callable[[list[str]], np.ndarray]
Progress = Callable[[str, int, int], object]  # (READ or INDEXED, done, in all)


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
    """`finished`: False if time ran out before all was done."""

    articles: int = 0
    upserted: int = 0
    deleted: int = 0
    finished: bool = True

    def __add__(self, other: "SyncReport") -> "SyncReport":
        return SyncReport(
            self.articles + other.articles,
            self.upserted + other.upserted,
            self.deleted + other.deleted,
            self.finished and other.finished,
        )


@dataclass(frozen=True)
class Rebuilt:
    """`reused`: chunks that an interrupted rebuild had already stored."""

    articles: int
    chunks: int
    reused: int


def plan(wanted: Mapping[int, str], stored: Mapping[int, str]) -> Plan:
    """Compare `{chunk id: content hash}` of the database with that of the store. Pure."""
    return Plan(
        upserts=tuple(chunk_id for chunk_id, key in wanted.items() if stored.get(chunk_id) != key),
        deletes=tuple(chunk_id for chunk_id in stored if chunk_id not in wanted),
    )


def pending() -> list[int]:
    """Articles whose vectors are not those of the published revision."""
    differs = (
        Q(published__isnull=False, indexed__isnull=True)
        | Q(published__isnull=True, indexed__isnull=False)
        | (Q(published__isnull=False, indexed__isnull=False) & ~Q(indexed=F("published")))
    )
    return list(Article.objects.filter(differs).order_by("published_at", "id").values_list("id", flat=True))


def sync_article(article_id: int) -> SyncReport:
    """Bring one article's vectors up to date. Raises IndexUnavailable or EmbedderUnavailable."""
    embedder = get_embedder()
    return _sync([article_id], _cached(embedder), get_store(embedder.name), NEVER)


def sync_all(patience: float = PATIENCE) -> SyncReport:
    """Whatever was missed: unfinished articles, then missing and surplus vectors.

    Runs in the slow lane, whose single worker never embeds the same articles twice at a time.
    """
    deadline = time.monotonic() + patience
    try:
        report = _catch_up(deadline)
    except IndexDamaged:
        if not recovery.start_over_if_damaged(get_store(get_embedder().name)):
            raise
        report = _catch_up(deadline)
    recovery.forget()
    return report


def embed_ahead() -> int:
    """Fill the cache with the vectors of all chunks before Chroma runs: indexing is then quick. Returns how many."""
    chunk_ids, embed = list(_wanted()), _cached(get_embedder())
    for part in _batches(chunk_ids):
        _entries(part, embed)
    return len(chunk_ids)


def repair(patience: float = NEVER) -> SyncReport:
    """Like `sync_all`, but compares every vector, not only their number."""
    embedder, deadline = get_embedder(), time.monotonic() + patience
    return _catch_up(deadline) + _compare(_cached(embedder), get_store(embedder.name), deadline)


def check(patience: float = PATIENCE) -> SyncReport:
    """Compare every vector with SQL, and delete what an interrupted rebuild has left."""
    embedder = get_embedder()
    store = get_store(embedder.name)
    if store.drop_leftover():
        logger.info("Removed a rebuild that was never finished")
    return _compare(_cached(embedder), store, time.monotonic() + patience)


def reindex(progress: Progress = lambda step, done, total: None) -> Rebuilt:
    """Rebuild full-text rows and vectors from SQL, then swap them in. Every chunk is embedded again.

    If it is interrupted the old index stays in use, and the next run continues with the vectors stored so far.
    """
    embedder = get_embedder()
    store = get_store(embedder.name)
    articles = list(Article.objects.filter(published__isnull=False).only("id").order_by("id"))
    for done, article in enumerate(articles, start=1):
        publishing.rechunk(article)
        progress(READ, done, len(articles))
    built = _building(store)
    published, rebuilt = _fill(built, embedder.embed_passages, progress)
    store.replace_with(built)
    _mark({article_id: published[article_id] for article_id in pending() if article_id in published})
    # Chunks that were stored in the old index during the swap.
    _compare(embedder.embed_passages, store, NEVER)
    return rebuilt


def _building(store: VectorStore) -> VectorStore:
    """The collection to fill. A damaged index is deleted first."""
    try:
        return store.building()
    except IndexDamaged:
        store.start_over()
        return store.building()


def _fill(built: VectorStore, embed: Embed, progress: Progress) -> tuple[dict[int, int | None], Rebuilt]:
    """In rounds, until nothing was published or withdrawn during the last one."""
    reused: int | None = None
    while True:
        published, wanted = _published(), _wanted()
        todo = plan(wanted, built.hashes())
        there = len(wanted) - len(todo.upserts)
        reused = there if reused is None else reused
        progress(INDEXED, there, len(wanted))
        if todo.empty:
            return published, Rebuilt(sum(1 for each in published.values() if each), len(wanted), reused)
        _apply(todo, embed, built, report=partial(_report, progress, there, len(wanted)))


def _report(progress: Progress, there: int, total: int, done: int) -> None:
    progress(INDEXED, there + done, total)


def _catch_up(deadline: float) -> SyncReport:
    embedder = get_embedder()
    store, embed = get_store(embedder.name), _cached(embedder)
    report = SyncReport()
    waiting = pending()
    for start in range(0, len(waiting), GROUP):
        if time.monotonic() > deadline:
            return report + SyncReport(finished=False)
        report += _sync(waiting[start : start + GROUP], embed, store, deadline)
    if store.count() != Chunk.objects.count():
        report += _compare(embed, store, deadline)
    return report


def _sync(article_ids: Sequence[int], embed: Embed, store: VectorStore, deadline: float) -> SyncReport:
    published = _published(article_ids)
    report = _apply(plan(_wanted(article_ids), store.hashes(article_ids)), embed, store, deadline)
    if not report.finished:
        return report
    _mark(published)
    logger.info("Articles %s: %d vectors stored, %d removed", list(article_ids), report.upserted, report.deleted)
    return report + SyncReport(articles=len(article_ids))


def _compare(embed: Embed, store: VectorStore, deadline: float) -> SyncReport:
    todo = plan(_wanted(), store.hashes())
    if not todo.empty:
        logger.warning("Vectors differ from SQL: %d missing, %d too many", len(todo.upserts), len(todo.deletes))
    return _apply(todo, embed, store, deadline)


def _apply(
    todo: Plan,
    embed: Embed,
    store: VectorStore,
    deadline: float = NEVER,
    report: Callable[[int], object] = lambda done: None,
) -> SyncReport:
    done = 0
    for part in _batches(todo.upserts):
        if time.monotonic() > deadline:
            return SyncReport(upserted=done, finished=False)
        store.upsert(_entries(part, embed))
        done += len(part)
        report(done)
    # A chunk that is new since the plan was made was stored by another process, so it stays.
    gone = [chunk_id for part in _batches(todo.deletes) for chunk_id in _gone(part)]
    if gone:
        store.delete(gone)
    return SyncReport(upserted=done, deleted=len(gone))


def _batches(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _gone(chunk_ids: Sequence[int]) -> list[int]:
    there = set(Chunk.objects.filter(pk__in=chunk_ids).values_list("id", flat=True))
    return [chunk_id for chunk_id in chunk_ids if chunk_id not in there]


def _cached(embedder: Embedder) -> Embed:
    """Embeds through the cache on disk, which hygiene uses too: no text is embedded twice."""
    return partial(embed_cached, embedder=embedder, folder=Path(settings.VAR_DIR) / "vectors")


def _entries(chunk_ids: Sequence[int], embed: Embed) -> list[Entry]:
    """Only chunks that still exist. Embeds, so never inside a transaction."""
    rows = list(Chunk.objects.filter(pk__in=chunk_ids).select_related("revision").order_by("id"))
    vectors = embed([passage_text(row.revision.title, row.heading_path, row.text) for row in rows])
    return [Entry(row.pk, row.article_id, row.content_hash, vector) for row, vector in zip(rows, vectors, strict=True)]


def _published(article_ids: Sequence[int] | None = None) -> dict[int, int | None]:
    """Read before the chunks: if another revision is published after that, `_mark` leaves the article alone."""
    articles = Article.objects.all() if article_ids is None else Article.objects.filter(pk__in=article_ids)
    return dict(articles.values_list("id", "published_id"))


def _wanted(article_ids: Sequence[int] | None = None) -> dict[int, str]:
    chunks = Chunk.objects.all() if article_ids is None else Chunk.objects.filter(article__in=article_ids)
    return dict(chunks.values_list("id", "content_hash"))


def _mark(published: Mapping[int, int | None]) -> None:
    for article_id, revision_id in published.items():
        Article.objects.filter(pk=article_id, published_id=revision_id).update(indexed_id=revision_id)
