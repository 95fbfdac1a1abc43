"""A question -> the passages that may answer it, each rechecked in SQL, or an honest nothing.

The stages, in order: what is asked (questions.py) → candidates by meaning and by words → recheck in SQL → fusion →
the reranker's vote → a score for each → what reaches the minimum score (passages.py). Every
candidate keeps the figures of every stage and the reason why it was left out, for the sandbox and the record.
"""

import contextlib
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from django.conf import settings
from django.db.models import F

from knowledge.index import lexical
from knowledge.index.embeddings import Embedder, EmbedderUnavailable, get_embedder
from knowledge.index.vectors import IndexUnavailable, VectorStore, get_store
from knowledge.models import Article, Chunk
from knowledge.search import configuration, questions
from knowledge.search.configuration import Configuration
from knowledge.search.fusion import DEPTH, Ranked, add_vote, fuse
from knowledge.search.passages import Passage, cut, in_turn
from knowledge.search.questions import Question
from knowledge.search.rerank import BUDGET, CANDIDATES, Reranker, RerankerUnavailable, get_reranker, shortened

logger = logging.getLogger(__name__)

LIMIT = DEPTH
# By words alone, a passage must hold this share of what the query's words tell (lexical.coverage).
WORDS_ENOUGH = 0.5


class Degradation(StrEnum):
    WORDS_ONLY = "words_only"
    NOT_RERANKED = "not_reranked"


@dataclass(frozen=True)
class SearchResult:
    """`mode` is the one used, `best_score` that of the best candidate even when it is below `min_score`.

    `candidates`: everything that was looked at, in final order, with `cut` where it was left out.
    `asked`: what was searched; several for a message with several questions, of which `unanswered` found nothing.
    """

    passages: tuple[Passage, ...]
    mode: str
    degradation: Degradation | None
    message: str
    took_ms: float
    best_score: float | None
    min_score: float
    candidates: tuple[Passage, ...] = ()
    asked: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    configuration: Configuration | None = None


@dataclass(frozen=True)
class _Request:
    """What one search was asked to do, whatever the question."""

    mode: str
    language: str
    category: str
    audience: Sequence[str]
    configuration: Configuration
    min_score: float
    embedder: Embedder
    store: VectorStore
    budget: int  # word pieces that the reranker may read for each question


@dataclass(frozen=True)
class _Found:
    """One question's candidates, best first; `message` names what did not work."""

    candidates: tuple[Passage, ...]
    mode: str
    degradation: Degradation | None = None
    message: str = ""

    @property
    def best(self) -> float | None:
        return max((each.score for each in self.candidates), default=None)


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
    using: Configuration | None = None,
) -> SearchResult:
    """`mode`: hybrid, dense or lexical. Language and category favour, audience excludes.

    `history`: earlier messages of the conversation, newest first. `using`: a configuration other than the current.
    """
    started = time.perf_counter()
    conf = using or configuration.current()
    min_score = conf.min_score if min_score is None else min_score
    embedder = get_embedder()
    read = questions.read(query, list(history))
    asked = read.searches
    budget = BUDGET // max(1, len(asked))
    request = _Request(mode, language, category, audience, conf, min_score, embedder, get_store(embedder.name), budget)
    found = [_find(each, request, read.in_conversation) for each in asked]
    candidates = cut(in_turn([each.candidates for each in found]), min_score, max(1, min(limit, LIMIT)))
    problem = next((each for each in found if each.degradation), None)
    best = [each.best for each in found if each.best is not None]
    return SearchResult(
        passages=tuple(each for each in candidates if not each.cut),
        mode=problem.mode if problem else mode,
        degradation=problem.degradation if problem else None,
        message=problem.message if problem else "",
        took_ms=(time.perf_counter() - started) * 1000,
        best_score=max(best) if best else None,
        min_score=min_score,
        candidates=tuple(candidates),
        asked=tuple(each.text for each in asked),
        unanswered=tuple(
            part.text
            for part, each in zip(asked, found, strict=True)
            if len(asked) > 1 and (each.best or 0) < min_score
        ),
        configuration=conf,
    )


def _find(question: Question, request: _Request, in_conversation: bool) -> _Found:
    """Candidates of one question, ranked and scored, nothing cut yet."""
    query = question.text
    words = [] if request.mode == "dense" else lexical.find(query, DEPTH)
    dense, vector, message = _by_meaning(query, request)
    if message and not words:
        words = lexical.find(query, DEPTH)
    chunks = _citable([id_ for id_, _ in [*dense, *words]], request)
    ranked = [each for each in fuse(dense, words) if each.id in chunks]
    favoured = _favour(ranked, chunks, request)
    texts = {id_: shortened(row.revision.title, row.heading_path, row.text) for id_, row in chunks.items()}
    voted, trouble = _rerank(question.brief, favoured, texts, request, in_conversation)
    similarities = _similarities(voted, vector, request.store)
    unseen = any(each.id not in similarities for each in voted)
    terms = lexical.content_words(query)
    weights = lexical.rarity(terms) if unseen else {}
    candidates = []
    for each in voted:
        row = chunks[each.id]
        similarity = similarities.get(each.id)
        score = similarity if similarity is not None else _by_words(weights, row, request.min_score)
        candidates.append(_passage(row, each, score, similarity, terms))
    if message:
        return _Found(tuple(candidates), "lexical", Degradation.WORDS_ONLY, message)
    return _Found(tuple(candidates), request.mode, Degradation.NOT_RERANKED if trouble else None, trouble)


def _by_meaning(query: str, request: _Request) -> tuple[list[tuple[int, float]], np.ndarray | None, str]:
    """`(chunk id, cosine)`, the query's vector, and what did not work."""
    if request.mode == "lexical":
        return [], None, ""
    try:
        vector = request.embedder.embed_query(query)
        dense = request.store.query(vector, DEPTH)
    except (EmbedderUnavailable, IndexUnavailable) as error:
        logger.warning("Searching by words only: %s", error)
        return [], None, f"Searching by words only: {error}"
    if not dense and Chunk.objects.exists():
        return [], None, "Searching by words only: the vector store is being filled."
    return dense, vector, ""


def _citable(chunk_ids: Iterable[int], request: _Request) -> dict[int, Chunk]:
    """The authorisation: whatever an index says, only this may be shown or cited."""
    articles = Article.objects.published().filter(audience__in=request.audience)
    if request.language and not settings.EMBEDDING_MULTILINGUAL:
        # To an embedder that knows English alone, all other languages are alike: Spanish finds any French text.
        articles = articles.filter(language__in=[request.language, "en"])
    rows = Chunk.objects.filter(
        pk__in=list(chunk_ids), article__in=articles, revision_id=F("article__published_id")
    ).select_related("article", "revision")
    return {row.pk: row for row in rows}


def _favour(ranked: list[Ranked], chunks: Mapping[int, Chunk], request: _Request) -> list[Ranked]:
    def boosted(each: Ranked) -> Ranked:
        article = chunks[each.id].article
        boost = 1.0
        if request.language and article.language == request.language:
            boost *= request.configuration.language_boost
        if request.category and article.category == request.category:
            boost *= request.configuration.category_boost
        return replace(each, fused=each.fused * boost)

    ordered = sorted(map(boosted, ranked), key=lambda each: -each.fused)
    return [replace(each, fused_rank=rank) for rank, each in enumerate(ordered, 1)]


def _rerank(
    query: str, ranked: list[Ranked], texts: Mapping[int, str], request: _Request, in_conversation: bool
) -> tuple[list[Ranked], str]:
    """The candidates with the reranker's vote, and what did not work."""
    reranker: Reranker | None = get_reranker() if request.configuration.rerank else None
    if reranker is None or not ranked:
        return ranked, ""
    read = [each.id for each in ranked[:CANDIDATES]]
    try:
        logits = reranker.scores(query, [texts[id_] for id_ in read], request.budget)
    except RerankerUnavailable as error:
        logger.warning("%s", error)
        return ranked, f"Searching without the reranker: {error}"
    return add_vote(ranked, dict(zip(read, map(float, logits), strict=False)), in_conversation), ""


def _similarities(ranked: list[Ranked], vector: np.ndarray | None, store: VectorStore) -> dict[int, float]:
    """Cosines of all candidates that have a vector; one too new to have one is judged by the rest."""
    known = {each.id: each.similarity for each in ranked if each.similarity is not None}
    unknown = [each.id for each in ranked if each.id not in known]
    if unknown and vector is not None:
        try:
            known |= store.similarities(unknown, vector)
        except IndexUnavailable:
            logger.warning("Chroma failed between two questions; words decide for %d passages", len(unknown))
    return known


def _by_words(weights: Mapping[str, float], row: Chunk, min_score: float) -> float:
    """For a passage without a vector: the minimum score where it holds WORDS_ENOUGH of what the query's words tell."""
    covered = lexical.coverage(weights, _words_of(row))
    return min(1.0, covered * min_score / WORDS_ENOUGH) if min_score else covered


def _words_of(row: Chunk) -> str:
    return f"{row.revision.title}\n{row.heading_path}\n{row.text}"


def _passage(row: Chunk, ranked: Ranked, score: float, similarity: float | None, terms: list[str]) -> Passage:
    return Passage.of(
        row,
        score=round(score, 4),
        dense_rank=ranked.dense_rank,
        lexical_rank=ranked.lexical_rank,
        why=_why(similarity, lexical.held(terms, _words_of(row))),
        similarity=similarity,
        fused_rank=ranked.fused_rank,
        rerank_rank=ranked.rerank_rank,
        logit=ranked.logit,
        fused=round(ranked.fused, 4),
    )


def _why(similarity: float | None, shared: list[str]) -> str:
    reasons = [] if similarity is None else [f"meaning {similarity:.2f}"]
    if shared:
        telling = sorted(shared, key=len, reverse=True)[:4]
        reasons.append("words: " + ", ".join(word for word in shared if word in telling))
    return " · ".join(reasons)


def warm() -> None:
    """Load the models and connect ahead of the first search; without one, that search will say what is missing."""
    reranker = get_reranker()
    with contextlib.suppress(EmbedderUnavailable, RerankerUnavailable):
        get_embedder().embed_query("warm")
        if reranker is not None:
            reranker.scores("warm", ["warm"])
    with contextlib.suppress(IndexUnavailable):
        get_store(get_embedder().name).count()
