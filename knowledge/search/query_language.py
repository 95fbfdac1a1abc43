"""Questions in a language that the embedder does not know.

To it all of that language is alike: "apple pie" in German is near every German article. Such a passage counts only
where another witness speaks for it: the reranker, or the words of the question that tell most.
"""

from collections.abc import Sequence

from django.conf import settings

from knowledge.index import lexical
from knowledge.search import min_scores
from knowledge.search.passages import Passage

KNOWN = "en"
WORDS_ENOUGH = 0.5  # share of what the question's words tell (lexical.coverage)


def unknown(language: str) -> bool:
    return bool(language) and language != KNOWN and not settings.EMBEDDING_MULTILINGUAL


def believed(query: str, passages: Sequence[Passage], language: str) -> tuple[Passage, ...]:
    """Those of the passages that are more than near in an embedder's eyes that cannot read the question."""
    if not unknown(language) or not passages:
        return tuple(passages)
    weights = lexical.rarity(lexical.content_words(query))
    min_logit = min_scores.of_reranker()
    return tuple(each for each in passages if _spoken_for(each, weights, min_logit))


def _spoken_for(passage: Passage, weights: dict[str, float], min_logit: float | None) -> bool:
    if passage.logit is not None and min_logit is not None and passage.logit >= min_logit:
        return True
    words = f"{passage.title}\n{passage.heading_path}\n{passage.text}"
    return lexical.coverage(weights, words) >= WORDS_ENOUGH
