"""Questions in a language that the embedder does not know.

Such an embedder finds everything in that language similar: "apple pie" in German is near every German article. So a
passage counts only if something else confirms it: the reranker, or enough words of the question.
"""

from collections.abc import Sequence

from django.conf import settings

from knowledge.index import lexical
from knowledge.search import min_scores
from knowledge.search.passages import Passage

KNOWN = "en"
WORDS_ENOUGH = 0.5  # share of the question's words, weighted by rarity (lexical.coverage)


def unknown(language: str) -> bool:
    return bool(language) and language != KNOWN and not settings.EMBEDDING_MULTILINGUAL


def reliable(query: str, passages: Sequence[Passage], language: str) -> tuple[Passage, ...]:
    """The passages that count; all of them if the embedder knows the language."""
    if not unknown(language) or not passages:
        return tuple(passages)
    weights = lexical.rarity(lexical.content_words(query))
    min_logit = min_scores.of_reranker()
    return tuple(each for each in passages if _is_reliable(each, weights, min_logit))


def _is_reliable(passage: Passage, weights: dict[str, float], min_logit: float | None) -> bool:
    if passage.logit is not None and min_logit is not None and passage.logit >= min_logit:
        return True
    words = f"{passage.title}\n{passage.heading_path}\n{passage.text}"
    return lexical.coverage(weights, words) >= WORDS_ENOUGH
