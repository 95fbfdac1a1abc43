"""Finds duplicate and contradicting passages, and stores them with the members' decisions.

A finding's key is a hash of its kind and both texts, so a dismissed pair stays dismissed until one of its texts
changes. Findings whose texts are gone are deleted.
"""

import hashlib
import logging
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from knowledge.claims import sentences as claims
from knowledge.hygiene.contradictions import Contradiction, compare, within
from knowledge.hygiene.duplicates import duplicate
from knowledge.index.embeddings import Embedder, get_embedder
from knowledge.index.similarity import Embed, Likeness
from knowledge.index.vector_cache import embed_cached
from knowledge.models import Article, Chunk, Finding
from knowledge.text.chunking import passage_text

logger = logging.getLogger(__name__)

NEIGHBORS = 8  # nearest passages that each is compared with, when all are compared
# When only some are compared: they may be too far down in the others' lists, and those are not read.
NEIGHBORS_OF_FEW = 50
PORTION = 64  # articles between two looks at the clock
UNLIMITED = float("inf")
RELATED = 0.55  # cosine similarity from which two passages are on the same subject
BLOCK = 512  # rows of the similarity matrix at a time

Kind = Finding.Kind
Pair = tuple[int, int, float]  # rows of two passages, and their cosine similarity


@dataclass(frozen=True)
class Found:
    """A finding that is not stored yet."""

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

    def __add__(self, other: "Report") -> "Report":
        return Report(
            self.compared + other.compared,
            self.duplicates + other.duplicates,
            self.contradictions + other.contradictions,
            self.removed + other.removed,
        )

    def __str__(self) -> str:
        return (
            f"{self.compared} pairs compared: {self.duplicates} duplicates, {self.contradictions} contradictions,"
            f" {self.removed} findings gone"
        )


def key_of(kind: str, first: str, second: str) -> str:
    """The same in either order."""
    texts = "\0".join(sorted((first, second)))
    return hashlib.sha256(f"{kind}\0{texts}".encode()).hexdigest()


def refresh(article_ids: Collection[int], embedder: Embedder | None = None) -> Report:
    """Compare the passages of some articles with all passages. Raises EmbedderUnavailable."""
    return _refresh(Compared.read(embedder), article_ids, NEIGHBORS_OF_FEW)


def sweep(after: int = 0, seconds: float = UNLIMITED, embedder: Embedder | None = None) -> tuple[Report, int | None]:
    """Compare all passages, starting with the article after id `after`, for about `seconds`.

    If some are left, also returns the id of the last article compared, for the next call. Raises EmbedderUnavailable.
    """
    deadline = time.monotonic() + seconds
    removed = _forget_withdrawn()
    base = Compared.read(embedder)
    report = Report(0, 0, 0, removed)
    left = sorted({chunk.article_id for chunk in base.chunks if chunk.article_id > after})
    while left:
        portion, left = left[:PORTION], left[PORTION:]
        report += _refresh(base, portion, NEIGHBORS)
        if left and time.monotonic() > deadline:
            return report, portion[-1]
    return report, None


@dataclass(frozen=True)
class Compared:
    """All published passages and their vectors. Their sentences are read when needed."""

    chunks: Sequence[Chunk]
    vectors: np.ndarray
    likeness: Likeness
    read_sentences: dict[int, list[claims.Sentence]] = field(default_factory=dict)

    @classmethod
    def read(cls, embedder: Embedder | None = None) -> "Compared":
        embed = partial(embed_cached, embedder=embedder or get_embedder(), folder=Path(settings.VAR_DIR) / "vectors")
        chunks = published_chunks()
        texts = [passage_text(chunk.revision.title, chunk.heading_path, chunk.text) for chunk in chunks]
        vectors = embed(texts) if texts else np.zeros((0, 1), dtype=np.float32)
        return cls(chunks, vectors, Likeness(cached(embed)))

    def sentences(self, row: int) -> list[claims.Sentence]:
        if row not in self.read_sentences:
            chunk = self.chunks[row]
            self.read_sentences[row] = claims.sentences(
                claims.Passage(chunk.revision.title, chunk.heading_path, chunk.text)
            )
        return self.read_sentences[row]


def cached(embed: Embed) -> Embed:
    """The same sentence is in many pairs; it is embedded once."""
    known: dict[str, np.ndarray] = {}

    def recall(texts: list[str]) -> np.ndarray:
        unknown = [text for text in texts if text not in known]
        if unknown:
            known.update(zip(unknown, embed(unknown), strict=True))
        return np.array([known[text] for text in texts])

    return recall


def published_chunks() -> list[Chunk]:
    # Only articles that are indexed: their vectors exist. The others are compared once they are indexed.
    articles = Article.objects.published().filter(indexed=F("published"))
    rows = Chunk.objects.filter(article__in=articles).select_related("article", "revision")
    # Leaves out the text of the whole article, which every passage would repeat.
    needed = ("heading_path", "text", "article__language", "revision__title")
    return list(rows.only(*needed).order_by("article_id", "ordinal"))


def _refresh(base: Compared, article_ids: Collection[int], most: int) -> Report:
    wanted = {row for row, chunk in enumerate(base.chunks) if chunk.article_id in article_ids}
    near = neighbors(base.vectors, [chunk.article.language for chunk in base.chunks], wanted, most)
    pairs = list(_with_known(base, near, article_ids))
    return store(list(_found(base, pairs, wanted)), article_ids, len(pairs))


def _with_known(base: Compared, near: Iterable[Pair], article_ids: Collection[int]) -> Iterator[Pair]:
    """Also compares known pairs again, even if there are many nearer passages by now."""
    seen = set()
    for i, j, similarity in near:
        seen.add((i, j))
        yield i, j, similarity
    place = {chunk.pk: row for row, chunk in enumerate(base.chunks)}
    for first, second in _known_to(article_ids).values_list("first", "second"):
        i, j = sorted((place.get(first, -1), place.get(second, -1)))
        if 0 <= i < j and (i, j) not in seen:
            yield i, j, float(base.vectors[i] @ base.vectors[j])


def _known_to(article_ids: Collection[int]) -> QuerySet[Finding]:
    return Finding.objects.filter(Q(first_article__in=article_ids) | Q(second_article__in=article_ids))


def _forget_withdrawn() -> int:
    published = Article.objects.published()
    return Finding.objects.exclude(first_article__in=published, second_article__in=published).delete()[0]


def neighbors(vectors: np.ndarray, languages: Sequence[str], wanted: Collection[int], most: int) -> Iterator[Pair]:
    """Each wanted passage with its nearest ones in the same language; every pair once."""
    spoken = np.unique(np.array(languages), return_inverse=True)[1]
    asked = np.array(sorted(wanted), int)
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
    """Best first. Sorting the whole row would take ten times as long."""
    best = np.argpartition(-row, most)[:most] if len(row) > most else np.arange(len(row))
    return best[np.argsort(-row[best], kind="stable")]


def _found(base: Compared, pairs: Sequence[Pair], wanted: Collection[int]) -> Iterator[Found]:
    for i, j, similarity in pairs:
        first, second = base.chunks[i], base.chunks[j]
        sure = duplicate(first.text, second.text, similarity)
        if sure is not None:
            key = key_of(Kind.DUPLICATE, first.text, second.text)
            yield Found(Kind.DUPLICATE, key, first, second, sure, {"similarity": round(similarity, 3)})
        yield from _contradicting(first, second, compare(base.sentences(i), base.sentences(j), base.likeness))
    for row in sorted(wanted):
        yield from _contradicting(base.chunks[row], base.chunks[row], within(base.sentences(row), base.likeness))


def _contradicting(first: Chunk, second: Chunk, found: Iterable[Contradiction]) -> Iterator[Found]:
    """Only the surest contradiction of a pair: a member looks at both texts anyway."""
    for each in list(found)[:1]:
        key = key_of(Kind.CONTRADICTION, each.first, each.second)
        yield Found(Kind.CONTRADICTION, key, first, second, each.score, asdict(each))


def store(found: Sequence[Found], article_ids: Collection[int], compared: int) -> Report:
    """Add new findings, keep decisions on known ones, and delete those that were not found again."""
    unique: Mapping[str, Found] = {each.key: each for each in sorted(found, key=lambda each: each.score)}
    # Articles that are being indexed were not compared; that happens once they are indexed.
    coming = Article.objects.published().exclude(indexed=F("published"))
    with transaction.atomic():
        gone = _known_to(article_ids).exclude(key__in=list(unique))
        removed, _ = gone.exclude(first_article__in=coming).exclude(second_article__in=coming).delete()
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
