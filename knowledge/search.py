"""A question -> the passages that may answer it, each rechecked in SQL, or an honest nothing."""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import numpy as np
from django.conf import settings
from django.db.models import F
from django.utils import timezone

from knowledge import lexical
from knowledge.embeddings import Embedder, EmbedderUnavailable, get_embedder
from knowledge.fusion import DEPTH, Ranked, fuse
from knowledge.index import IndexUnavailable, VectorStore, get_store
from knowledge.models import Article, Chunk
from knowledge.rendering import anchor

logger = logging.getLogger(__name__)

QUERY_LIMIT = 1000  # characters: a customer's whole mail is no better a question than its beginning
# Earlier messages searched with a question: "and what does it cost?" means nothing without them.
HISTORY_LIMIT = 6
PER_ARTICLE = 2
LIMIT = DEPTH
# By words alone, a passage must hold this share of what the query's words tell (lexical.coverage).
WORDS_MIN_SCORE = 0.5
# Once the best candidate is good enough, others may be this much worse: they add what the first leaves out.
SLACK = 0.1
# Votes, not filters: an answer in another language or category still beats no answer.
LANGUAGE_BOOST = 1.15
CATEGORY_BOOST = 1.05


class Degradation(StrEnum):
    WORDS_ONLY = "words_only"


@dataclass(frozen=True)
class Passage:
    """A chunk of an article's published revision, with the reasons why it was found."""

    chunk_id: int
    article_id: int
    revision_id: int
    title: str
    heading_path: str
    text: str
    audience: str
    category: str
    language: str
    score: float  # 0..1: cosine similarity; by words alone, lexical.coverage
    dense_rank: int | None
    lexical_rank: int | None
    updated_at: datetime
    review_by: date | None
    why: str

    @property
    def internal(self) -> bool:
        return self.audience == Article.Audience.INTERNAL

    @property
    def anchor(self) -> str:
        """The fragment of its section on the article's page."""
        return anchor(self.heading_path)

    @property
    def stale(self) -> bool:
        return self.review_by is not None and self.review_by < timezone.localdate()


@dataclass(frozen=True)
class SearchResult:
    """`mode` is the one used, `best_score` that of the best candidate even when it was not good enough."""

    passages: tuple[Passage, ...]
    mode: str
    degradation: Degradation | None
    message: str
    took_ms: float
    best_score: float | None
    min_score: float


@dataclass(frozen=True)
class _Found:
    ranked: list[Ranked]
    mode: str
    vector: np.ndarray | None = None
    message: str = ""


def search(
    query: str,
    *,
    limit: int = 5,
    mode: str = "hybrid",
    language: str = "",
    category: str = "",
    audience: Sequence[str] = (Article.Audience.PUBLIC, Article.Audience.INTERNAL),
    min_score: float | None = None,
    history: Sequence[str] = (),
) -> SearchResult:
    """`mode`: hybrid, dense or lexical. Language and category favour, audience excludes.

    `history`: earlier messages of the conversation, newest first.
    """
    started = time.perf_counter()
    cleaned = clean_query(query, history)
    embedder = get_embedder()
    store = get_store(embedder.name)
    found = _find(cleaned, mode, embedder, store) if cleaned else _Found([], mode)
    chunks = _citable([each.id for each in found.ranked], audience)
    ranked = _favour([each for each in found.ranked if each.id in chunks], chunks, language, category)
    scores, by_words = _score(ranked, chunks, cleaned, found, store)
    meaning_needed, words_needed = _needed(min_score)
    # A passage too new to have a vector is judged by its words.
    thresholds = {each.id: words_needed if each.id in by_words else meaning_needed for each in ranked}
    good = _good_enough(ranked, scores, thresholds)
    terms = lexical.content_words(cleaned)
    passages = [_passage(chunks[each.id], each, scores[each.id], terms, each.id in by_words) for each in good]
    return SearchResult(
        passages=tuple(_collapse(passages)[: max(1, min(limit, LIMIT))]),
        mode=found.mode,
        degradation=Degradation.WORDS_ONLY if found.message else None,
        message=found.message,
        took_ms=(time.perf_counter() - started) * 1000,
        best_score=round(max(scores.values()), 4) if scores else None,
        min_score=words_needed if found.mode == "lexical" else meaning_needed,
    )


def clean_query(query: str, history: Sequence[str] = ()) -> str:
    """One line of bounded length, cut between words; the question first, then what was said before it."""
    line = " ".join(" ".join([query, *history[:HISTORY_LIMIT]]).replace("\x00", " ").split())
    if len(line) <= QUERY_LIMIT:
        return line
    return line[: QUERY_LIMIT + 1].rpartition(" ")[0] or line[:QUERY_LIMIT]


def _needed(min_score: float | None) -> tuple[float, float]:
    """The thresholds by meaning and by words; a caller's own is on the cosine scale, and 0 lifts both."""
    by_words = 0.0 if min_score == 0 else WORDS_MIN_SCORE
    return settings.RETRIEVAL_MIN_SCORE if min_score is None else min_score, by_words


def _find(query: str, mode: str, embedder: Embedder, store: VectorStore) -> _Found:
    words = [] if mode == "dense" else lexical.find(query, DEPTH)
    if mode == "lexical":
        return _Found(fuse([], words), mode)
    try:
        vector = embedder.embed_query(query)
        dense = store.query(vector, DEPTH)
    except EmbedderUnavailable as error:
        return _words_only(query, f"Searching by words only: {error}")
    except IndexUnavailable as error:
        return _words_only(query, f"Searching by words only: {error}")
    if not dense and Chunk.objects.exists():
        return _words_only(query, "Searching by words only: the vector store is being filled.")
    return _Found(fuse(dense, words), mode, vector)


def _words_only(query: str, message: str) -> _Found:
    logger.warning("%s", message)
    return _Found(fuse([], lexical.find(query, DEPTH)), "lexical", message=message)


def _citable(chunk_ids: Iterable[int], audience: Sequence[str]) -> dict[int, Chunk]:
    """The authorisation: whatever an index says, only this may be shown or cited."""
    articles = Article.objects.published().filter(audience__in=audience)
    rows = Chunk.objects.filter(
        pk__in=list(chunk_ids), article__in=articles, revision_id=F("article__published_id")
    ).select_related("article", "revision")
    return {row.pk: row for row in rows}


def _favour(ranked: list[Ranked], chunks: Mapping[int, Chunk], language: str, category: str) -> list[Ranked]:
    def worth(each: Ranked) -> float:
        article = chunks[each.id].article
        boost = LANGUAGE_BOOST if language and article.language == language else 1.0
        return each.fused * boost * (CATEGORY_BOOST if category and article.category == category else 1.0)

    return sorted(ranked, key=worth, reverse=True)


def _score(
    ranked: list[Ranked], chunks: Mapping[int, Chunk], query: str, found: _Found, store: VectorStore
) -> tuple[dict[int, float], set[int]]:
    """Scores by chunk, and which of them are by words because there is no vector to compare."""
    scores = {each.id: each.similarity for each in ranked if each.similarity is not None}
    unknown = [each.id for each in ranked if each.id not in scores]
    if unknown and found.vector is not None:
        try:
            scores |= store.similarities(unknown, found.vector)
        except IndexUnavailable:
            logger.warning("Chroma failed between two questions; words decide for %d passages", len(unknown))
    by_words = {id_ for id_ in unknown if id_ not in scores}
    if by_words:
        weights = lexical.rarity(lexical.content_words(query))
        scores |= {id_: lexical.coverage(weights, _words_of(chunks[id_])) for id_ in by_words}
    return scores, by_words


def _good_enough(ranked: list[Ranked], scores: Mapping[int, float], needed: Mapping[int, float]) -> list[Ranked]:
    """Nothing at all unless one passage reaches its threshold; those that do come first."""
    if not any(scores[each.id] >= needed[each.id] for each in ranked):
        return []
    near = [each for each in ranked if scores[each.id] >= needed[each.id] - SLACK]
    return sorted(near, key=lambda each: scores[each.id] < needed[each.id])


def _words_of(row: Chunk) -> str:
    return f"{row.revision.title}\n{row.heading_path}\n{row.text}"


def _passage(row: Chunk, ranked: Ranked, score: float, terms: list[str], by_words: bool) -> Passage:
    article = row.article
    return Passage(
        chunk_id=row.pk,
        article_id=article.pk,
        revision_id=row.revision_id,
        title=row.revision.title,
        heading_path=row.heading_path,
        text=row.text,
        audience=article.audience,
        category=article.category,
        language=article.language,
        score=round(score, 4),
        dense_rank=ranked.dense_rank,
        lexical_rank=ranked.lexical_rank,
        updated_at=article.updated_at,
        review_by=article.review_by,
        why=_why(score, lexical.held(terms, _words_of(row)), by_words),
    )


def _why(score: float, shared: list[str], by_words: bool) -> str:
    reasons = [] if by_words else [f"meaning {score:.2f}"]
    if shared:
        telling = sorted(shared, key=len, reverse=True)[:4]
        reasons.append("words: " + ", ".join(word for word in shared if word in telling))
    return " · ".join(reasons)


def _collapse(passages: list[Passage]) -> list[Passage]:
    """At most PER_ARTICLE passages of one article, so that others are heard."""
    seen: Counter[int] = Counter()
    kept = []
    for passage in passages:
        seen[passage.article_id] += 1
        if seen[passage.article_id] <= PER_ARTICLE:
            kept.append(passage)
    return kept
