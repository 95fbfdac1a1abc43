"""Finds the passages that may answer a question, each checked again in SQL. May find nothing relevant, and says so.

The steps: read the question (questions.py) → candidates by meaning and by words → check in SQL → fusion (fusion.py) →
the reranker's vote (rerank.py) → a score for each → what reaches the minimum score (passages.py). Every candidate keeps
the figures of each step and why it was left out, for the sandbox.
"""

import contextlib
import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from django.db.models import F
from django.utils.translation import gettext as _

from knowledge.index import lexical
from knowledge.index.embeddings import Embedder, EmbedderUnavailable, get_embedder
from knowledge.index.vectors import IndexUnavailable, VectorStore, get_store
from knowledge.models import Article, Chunk
from knowledge.search import configuration, query_language, questions
from knowledge.search.configuration import Configuration
from knowledge.search.fusion import DEPTH, Ranked, add_vote, fuse
from knowledge.search.passages import Passage, interleaved, longest, select
from knowledge.search.questions import Asked, Question, Translation
from knowledge.search.rerank import BUDGET, CANDIDATES, Reranker, RerankerUnavailable, get_reranker, shortened

logger = logging.getLogger(__name__)

LIMIT = DEPTH
# By words alone, a passage must contain this share of the query's words, weighted by rarity (lexical.coverage).
WORDS_ENOUGH = 0.5


class Degradation(StrEnum):
    WORDS_ONLY = "words_only"
    NOT_RERANKED = "not_reranked"


@dataclass(frozen=True)
class SearchResult:
    """`mode` is the one that was used. `best_score` is the best candidate's, even if it is below `min_score`.

    `cause`: what did not work, in English and technical, where `degradation` is set.
    `candidates`: every passage that was compared, in final order; `left_out` says why one is not among `passages`.
    `asked`: the questions that were searched; `unanswered`: those of several that found nothing.
    """

    passages: tuple[Passage, ...]
    mode: str
    degradation: Degradation | None
    cause: str
    took_ms: float
    best_score: float | None
    min_score: float
    candidates: tuple[Passage, ...] = ()
    asked: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    configuration: Configuration | None = None

    @property
    def message(self) -> str:
        """The degradation for people, in the page's language; empty if all parts worked."""
        if self.degradation == Degradation.WORDS_ONLY:
            return _("This search used words only, because searching by meaning did not work: %(cause)s") % {
                "cause": self.cause
            }
        if self.degradation == Degradation.NOT_RERANKED:
            return _("This search did not use the reranker: %(cause)s") % {"cause": self.cause}
        return ""


@dataclass(frozen=True)
class _Request:
    """What is the same for every question of one search."""

    mode: str
    language: str
    languages: Sequence[str]  # of the articles; empty: all
    category: str
    audience: Sequence[str]
    configuration: Configuration
    min_score: float
    embedder: Embedder
    store: VectorStore
    budget: int  # word pieces that the reranker may read for each question


@dataclass(frozen=True)
class _Found:
    """One question's candidates, best first; `cause` says what did not work."""

    asked: str
    candidates: tuple[Passage, ...]
    mode: str
    degradation: Degradation | None = None
    cause: str = ""

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
    translation: Translation | None = None,
    using: Configuration | None = None,
) -> SearchResult:
    """`mode`: hybrid, dense or lexical. `language` and `category` move articles up; `audience` excludes all others.

    `history`: earlier messages of the conversation, newest first. `translation`: searched in the articles of its
    language, instead of the query. `using`: instead of the current configuration.
    """
    started = time.perf_counter()
    conf = using or configuration.current()
    min_score = conf.min_score if min_score is None else min_score
    embedder = get_embedder()
    read = questions.read(query, list(history))
    budget = BUDGET // max(1, len(read.searches))
    kinds = (mode, language, query_language.searched(language, translation), category, audience)
    request = _Request(*kinds, conf, min_score, embedder, get_store(embedder.name), budget)
    found = _find_all(read, translation, request)
    candidates = select(interleaved([each.candidates for each in found]), min_score, max(1, min(limit, LIMIT)))
    problem = next((each for each in found if each.degradation), None)
    best = [each.best for each in found if each.best is not None]
    return SearchResult(
        passages=tuple(each for each in candidates if not each.left_out),
        mode=problem.mode if problem else mode,
        degradation=problem.degradation if problem else None,
        cause=problem.cause if problem else "",
        took_ms=(time.perf_counter() - started) * 1000,
        best_score=max(best) if best else None,
        min_score=min_score,
        candidates=tuple(candidates),
        asked=tuple(each.asked for each in found),
        unanswered=tuple(each.asked for each in found if len(found) > 1 and (each.best or 0) < min_score),
        configuration=conf,
    )


def _find_all(read: Asked, translation: Translation | None, request: _Request) -> list[_Found]:
    """Of each question; with those of its translation, which are in articles of another language."""
    asked = [_find(each, request, read.in_conversation) for each in read.searches]
    if translation is None:
        return asked
    own = replace(request, language=translation.language, languages=(translation.language,))
    said = [_find(Question(text, text), own, read.in_conversation) for text in translation.texts]
    return [
        replace(
            one if one.degradation else two,
            asked=one.asked,
            candidates=tuple(interleaved([two.candidates, one.candidates])),
        )
        for one, two in zip(asked, said, strict=True)
    ]


def _find(question: Question, request: _Request, in_conversation: bool) -> _Found:
    """Candidates of one question, ranked and scored, none left out yet."""
    query = question.text
    words = [] if request.mode == "dense" else lexical.find(query, DEPTH)
    dense, vector, cause = _by_meaning(query, request)
    if cause and not words:
        words = lexical.find(query, DEPTH)
    chunks = _citable([id_ for id_, _ in [*dense, *words]], request)
    ranked = [each for each in fuse(dense, words) if each.id in chunks]
    boosted = _boosted(ranked, chunks, request)
    texts = {id_: shortened(row.revision.title, row.heading_path, row.text) for id_, row in chunks.items()}
    voted, not_reranked = _rerank(question.brief, boosted, texts, request, in_conversation)
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
    if cause:
        return _Found(query, tuple(candidates), "lexical", Degradation.WORDS_ONLY, cause)
    degradation = Degradation.NOT_RERANKED if not_reranked else None
    return _Found(query, tuple(candidates), request.mode, degradation, not_reranked)


def _by_meaning(query: str, request: _Request) -> tuple[list[tuple[int, float]], np.ndarray | None, str]:
    """`(chunk id, cosine similarity)`, the query's vector, and what did not work."""
    if request.mode == "lexical":
        return [], None, ""
    try:
        vector = request.embedder.embed_query(query)
        dense = request.store.query(vector, DEPTH)
    except (EmbedderUnavailable, IndexUnavailable) as error:
        logger.warning("Searching by words only: %s", error)
        return [], None, str(error)
    if not dense and Chunk.objects.exists():
        return [], None, "The vector store is being filled."
    return dense, vector, ""


def _citable(chunk_ids: Iterable[int], request: _Request) -> dict[int, Chunk]:
    """Decides what may be shown or cited: published and allowed for this audience, whatever an index says."""
    articles = Article.objects.published().filter(audience__in=request.audience)
    if request.languages:
        articles = articles.filter(language__in=request.languages)
    rows = Chunk.objects.filter(
        pk__in=list(chunk_ids), article__in=articles, revision_id=F("article__published_id")
    ).select_related("article", "revision")
    return {row.pk: row for row in rows}


def _boosted(ranked: list[Ranked], chunks: Mapping[int, Chunk], request: _Request) -> list[Ranked]:
    def multiplied(each: Ranked) -> Ranked:
        article = chunks[each.id].article
        boost = 1.0
        if request.language and article.language == request.language:
            boost *= request.configuration.language_boost
        if request.category and article.category == request.category:
            boost *= request.configuration.category_boost
        return replace(each, fused=each.fused * boost)

    ordered = sorted(map(multiplied, ranked), key=lambda each: -each.fused)
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
        logger.warning("Searching without the reranker: %s", error)
        return ranked, str(error)
    return add_vote(ranked, dict(zip(read, map(float, logits), strict=False)), in_conversation), ""


def _similarities(ranked: list[Ranked], vector: np.ndarray | None, store: VectorStore) -> dict[int, float]:
    """Cosine similarity of every candidate that has a vector; new passages have none yet."""
    known = {each.id: each.similarity for each in ranked if each.similarity is not None}
    unknown = [each.id for each in ranked if each.id not in known]
    if unknown and vector is not None:
        try:
            known |= store.similarities(unknown, vector)
        except IndexUnavailable:
            logger.warning("Chroma failed between two questions; %d passages are scored by words", len(unknown))
    return known


def _by_words(weights: Mapping[str, float], row: Chunk, min_score: float) -> float:
    """Score of a passage without a vector: coverage * minimum score / WORDS_ENOUGH, at most 1.

    So a passage with WORDS_ENOUGH of the query's words just reaches the minimum score.
    """
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
        words=longest(lexical.held(terms, _words_of(row))),
        similarity=similarity,
        fused_rank=ranked.fused_rank,
        rerank_rank=ranked.rerank_rank,
        logit=ranked.logit,
        fused=round(ranked.fused, 4),
    )


def warm() -> None:
    """Load the models and connect before the first search. If one is missing, that search reports it."""
    reranker = get_reranker()
    with contextlib.suppress(EmbedderUnavailable, RerankerUnavailable):
        get_embedder().embed_query("warm")
        if reranker is not None:
            reranker.scores("warm", ["warm"])
    with contextlib.suppress(IndexUnavailable):
        get_store(get_embedder().name).count()
