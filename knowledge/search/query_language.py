"""Questions in a language that the embedder does not know.

Such an embedder finds everything in that language similar: "apple pie" in German is near every German article. So a
passage counts only if something else confirms it: the reranker, or enough words of the question. Or the question is
translated, and its translation finds what is in that language.
"""

from collections.abc import Sequence

from django.conf import settings

from knowledge.index import lexical
from knowledge.search import min_scores
from knowledge.search.passages import Passage
from knowledge.search.questions import Translation

KNOWN = "en"
WORDS_ENOUGH = 0.5  # share of the question's words, weighted by rarity (lexical.coverage)


def unknown(language: str) -> bool:
    return bool(language) and language != KNOWN and not settings.EMBEDDING_MULTILINGUAL


def to_translate_into(language: str, main_language: str) -> str:
    """The language that a question has to be translated into, "" if none: most articles are in another one.

    `main_language`: of the knowledge base, "" if it has nothing.
    """
    return main_language if language and language != main_language and not settings.EMBEDDING_MULTILINGUAL else ""


def searched(language: str, translation: Translation | None) -> tuple[str, ...]:
    """The languages of the articles that a question is searched in, () for all. The translation is searched in its own.

    An embedder for English finds all other languages alike: a Spanish question is near any French text.
    """
    if not language or settings.EMBEDDING_MULTILINGUAL:
        return ()
    translated = translation.language if translation else ""
    return tuple(each for each in dict.fromkeys((language, KNOWN)) if each != translated)


def reliable(
    query: str, passages: Sequence[Passage], language: str, translation: Translation | None = None
) -> tuple[Passage, ...]:
    """The passages that count; all of them if the embedder knows the language of the question that found them."""
    if translation is not None:
        theirs = [each for each in passages if each.language == translation.language]
        others = [each for each in passages if each.language != translation.language]
        found = reliable("\n".join(translation.texts), theirs, translation.language) + reliable(query, others, language)
        return tuple(each for each in passages if each in found)
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
