"""Finds duplicate and contradicting passages and keeps what people said about them.

Decided purely (`plan`), written once. A finding's key is a hash of its kind and both texts, so that a dismissed pair
stays dismissed until a text changes; findings whose texts are gone are deleted.
"""

import hashlib
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Q

from knowledge import claims
from knowledge.chunking import passage_text
from knowledge.contradictions import Contradiction, compare, within
from knowledge.duplicates import duplicate
from knowledge.embeddings import Embedder, get_embedder
from knowledge.likeness import Likeness
from knowledge.models import Article, Chunk, Finding
from knowledge.vector_cache import embed_cached

logger = logging.getLogger(__name__)

NEIGHBOURS = 8
FURTHER = 50  # where only some passages are compared
RELATED = 0.55  # cosine similarity from which two passages are on the same thing
BLOCK = 512  # rows of the similarity matrix at a time

Kind = Finding.Kind


@dataclass(frozen=True)
class Found:
    """A finding before it has a row."""

    kind: str
    key: str
    first: Chunk
    second: Chunk
    score: float
    detail: dict[str, object]


@dataclass(frozen=True)
class Report:
    compared: int
    duplicates: int
    contradictions: int
    removed: int

    def __str__(self) -> str:
        return (
            f"{self.compared} pairs compared: {self.duplicates} duplicates, {self.contradictions} contradictions,"
            f" {self.removed} findings gone"
        )


def key_of(kind: str, first: str, second: str) -> str:
    """The same whichever of the two comes first."""
    texts = "\0".join(sorted((first, second)))
    return hashlib.sha256(f"{kind}\0{texts}".encode()).hexdigest()


def refresh(article_ids: Collection[int] | None = None, embedder: Embedder | None = None) -> Report:
    """Compare the passages of some articles with all, or all with all. Raises EmbedderUnavailable."""
    embedder = embedder or get_embedder()
    embed = partial(embed_cached, embedder=embedder, folder=Path(settings.VAR_DIR) / "vectors")
    chunks = published_chunks()
    if not chunks:
        return store([], article_ids, 0)
    vectors = embed([passage_text(chunk.revision.title, chunk.heading_path, chunk.text) for chunk in chunks])
    wanted = None if article_ids is None else {i for i, c in enumerate(chunks) if c.article_id in article_ids}
    pairs = list(neighbours(vectors, [chunk.article.language for chunk in chunks], wanted))
    found = list(_found(chunks, pairs, wanted, Likeness(embed)))
    return store(found, article_ids, len(pairs))


def published_chunks() -> list[Chunk]:
    rows = Chunk.objects.filter(article__in=Article.objects.published()).select_related("article", "revision")
    return list(rows.order_by("article_id", "ordinal"))


def neighbours(
    vectors: np.ndarray, languages: Sequence[str], wanted: Collection[int] | None = None
) -> Iterator[tuple[int, int, float]]:
    """Each passage (of `wanted` or of all) with its nearest ones of the same language, every pair once."""
    spoken = np.unique(np.array(languages), return_inverse=True)[1]
    # One passage may be near to another that has nearer ones: who compares only a few passages looks further from each.
    asked, most = (np.arange(len(vectors)), NEIGHBOURS) if wanted is None else (np.array(sorted(wanted), int), FURTHER)
    seen: set[tuple[int, int]] = set()
    for start in range(0, len(asked), BLOCK):
        rows = asked[start : start + BLOCK]
        for i, row in zip(map(int, rows), vectors[rows] @ vectors.T, strict=True):
            row[spoken != spoken[i]] = 0
            row[i] = 0
            for j in _nearest(row, most):
                pair = (min(i, int(j)), max(i, int(j)))
                if row[j] >= RELATED and pair not in seen:
                    seen.add(pair)
                    yield (*pair, float(row[j]))


def _nearest(row: np.ndarray, most: int) -> np.ndarray:
    """Best first; a whole sort takes ten times as long."""
    best = np.argpartition(-row, most)[:most] if len(row) > most else np.arange(len(row))
    return best[np.argsort(-row[best], kind="stable")]


def _found(
    chunks: Sequence[Chunk],
    pairs: Sequence[tuple[int, int, float]],
    wanted: Collection[int] | None,
    likeness: Likeness,
) -> Iterator[Found]:
    alone = range(len(chunks)) if wanted is None else sorted(wanted)
    rows = {*alone, *(row for i, j, _ in pairs for row in (i, j))}
    said = {row: claims.sentences(_passage(chunks[row])) for row in rows}
    for i, j, similarity in pairs:
        first, second = chunks[i], chunks[j]
        sure = duplicate(first.text, second.text, similarity)
        if sure is not None:
            key = key_of(Kind.DUPLICATE, first.text, second.text)
            yield Found(Kind.DUPLICATE, key, first, second, sure, {"similarity": round(similarity, 3)})
        yield from _contradicting(first, second, compare(said[i], said[j], likeness))
    for row in alone:
        yield from _contradicting(chunks[row], chunks[row], within(said[row], likeness))


def _contradicting(first: Chunk, second: Chunk, found: Iterable[Contradiction]) -> Iterator[Found]:
    """The surest of a pair: one row on the page settles both texts."""
    for each in list(found)[:1]:
        key = key_of(Kind.CONTRADICTION, each.first, each.second)
        yield Found(Kind.CONTRADICTION, key, first, second, each.score, asdict(each))


def _passage(chunk: Chunk) -> claims.Passage:
    return claims.Passage(chunk.revision.title, chunk.heading_path, chunk.text)


def store(found: Sequence[Found], article_ids: Collection[int] | None, compared: int) -> Report:
    """New ones are added, known ones keep their judgement, and those that were not found again are deleted."""
    unique: Mapping[str, Found] = {each.key: each for each in sorted(found, key=lambda each: each.score)}
    known = Finding.objects.all()
    if article_ids is not None:
        known = known.filter(Q(first_article__in=article_ids) | Q(second_article__in=article_ids))
    with transaction.atomic():
        removed, _ = known.exclude(key__in=list(unique)).delete()
        there = {row.key: row for row in Finding.objects.filter(key__in=list(unique))}
        Finding.objects.bulk_create([_row(each) for key, each in unique.items() if key not in there])
        for key, row in there.items():
            each = unique[key]
            if (row.first_id, row.second_id) != (each.first.pk, each.second.pk):
                Finding.objects.filter(pk=row.pk).update(
                    first=each.first,
                    second=each.second,
                    first_article=each.first.article_id,
                    second_article=each.second.article_id,
                    detail=each.detail,
                )
    kinds = [each.kind for each in unique.values()]
    return Report(compared, kinds.count(Kind.DUPLICATE), kinds.count(Kind.CONTRADICTION), removed)


def _row(each: Found) -> Finding:
    return Finding(
        kind=each.kind,
        key=each.key,
        first=each.first,
        second=each.second,
        first_article_id=each.first.article_id,
        second_article_id=each.second.article_id,
        score=each.score,
        detail=each.detail,
    )
