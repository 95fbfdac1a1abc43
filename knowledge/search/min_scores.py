"""The default minimum scores of embedder and reranker. Leads can save another one (configuration.py).

A cosine of 0.6 means much with one embedder and nothing with another, so each has its own, measured, in the catalogue.
"""

from functools import cache

from django.conf import settings

from config import catalogue
from config.catalogue import MinScore
from knowledge.index.embeddings import EmbedderUnavailable, get_embedder
from knowledge.index.similarity import Likeness
from knowledge.search.rerank import get_reranker

# For an embedder that was never measured, on the scale of index/similarity.py (0: unrelated, 1: the same text).
# Measured ones need 0.07 to 0.23 (docs/decisions/0022); 0.25 rather finds too little than too much.
CAUTIOUS = 0.25
# Without an embedder, scores are computed relative to the minimum score (retrieval.py), so any number works.
BY_WORDS = 0.5


def of_embedder() -> MinScore:
    """For the cosine of question and passage. Loads the embedder if it was never measured."""
    if settings.RETRIEVAL_MIN_SCORE is not None:
        return MinScore(settings.RETRIEVAL_MIN_SCORE, "set")
    name = get_embedder().name
    return catalogue.measured(name) or _cautious(name)


def of_reranker() -> float | None:
    """For the reranker's logit; None if it was never measured."""
    reranker = get_reranker()
    measured = catalogue.measured(reranker.name) if reranker else None
    return measured.value if measured else None


def _cautious(name: str) -> MinScore:
    try:
        return MinScore(of_scale(name, CAUTIOUS), "cautious")
    except EmbedderUnavailable:
        return MinScore(BY_WORDS, "unknown")


@cache
def of_scale(name: str, scaled: float) -> float:
    """unrelated + scaled * (1 - unrelated), a cosine; `unrelated` is the mean cosine of unrelated sentences.

    `name`: of the embedder in use. Raises EmbedderUnavailable.
    """
    return round(Likeness(get_embedder().embed_passages).cosine(scaled), 2)
