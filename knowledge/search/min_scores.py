"""The minimum scores of the models that search with, where no lead has saved another (configuration.py).

A cosine of 0.6 is near with one embedder and nothing with another, so each has its own: measured, in the catalogue.
"""

from functools import cache

from django.conf import settings

from config import catalogue
from config.catalogue import MinScore
from knowledge.index.embeddings import EmbedderUnavailable, get_embedder
from knowledge.index.similarity import Likeness
from knowledge.search.rerank import get_reranker

# For an embedder that nobody measured, on the scale of likeness.py (0: unrelated, 1: the same text). Those measured
# need 0.07 to 0.23 (docs/decisions/0022): this one rather says "nothing relevant" once too often.
CAUTIOUS = 0.25
# Without vectors, a passage's score is its words' share of whatever is needed (retrieval.py): any number does.
BY_WORDS = 0.5


def of_embedder() -> MinScore:
    """Of the cosine between question and passage; with an embedder that nobody measured it is loaded."""
    if settings.RETRIEVAL_MIN_SCORE is not None:
        return MinScore(settings.RETRIEVAL_MIN_SCORE, "set")
    name = get_embedder().name
    return catalogue.measured(name) or _cautious(name)


def of_reranker() -> float | None:
    """Of its logit, to speak for a passage by itself; None: nobody measured it, so it does not."""
    reranker = get_reranker()
    measured = catalogue.measured(reranker.name) if reranker else None
    return measured.value if measured else None


def _cautious(name: str) -> MinScore:
    try:
        return MinScore(_of_scale(name), "cautious")
    except EmbedderUnavailable:
        return MinScore(BY_WORDS, "unknown")


@cache
def _of_scale(name: str) -> float:
    """Cosine = unrelated + CAUTIOUS * (1 - unrelated), where `unrelated` is the mean cosine of unrelated sentences."""
    return round(Likeness(get_embedder().embed_passages).cosine(CAUTIOUS), 2)
