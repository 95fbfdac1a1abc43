"""The full-text index of all searchable chunks, in the database."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence

from config.words.fulltext import FullTextIndex, words
from config.words.terms import is_unspaced

INDEX = FullTextIndex("knowledge_fulltext", ("title", "headings", "body"), (3.0, 2.0, 1.0))

WORDS_LIMIT = 24  # words of a query: more cost time and change nothing

# Words that say nothing about the subject and are in nearly every passage: English, German, Spanish, French.
_FUNCTION_WORDS = """
    a about am an and any are as at be been being but by can could did do does doing don't for from get got had has
    have having he her here hers him his how i i'd i'll i'm i've if in into is isn't it it's its just let like me might
    must my of on or our ours please shall she should so some such than that that's the their theirs them then there
    these they this those to too um uh us very want was we were what what's when where which while who whom whose why
    will with would you your yours hello hi dear thanks thank
    aber als am an auch auf aus bei das dass dem den der des die ein eine einem einen einer er es für hat hatte ich
    ihr im in ist kann können man mein meine mich mir mit nach nicht noch oder sich sie sind über um und von war was
    wenn wer wie wir wird wo zu zum zur
    al como con cual cuando de del donde el ella en es esta este la las lo los mi mis muy para pero por porque que qué
    se ser si sin son su sus un una uno y ya yo
    à au aux avec ce ces cette comme dans de des du elle en est et il ils je la le les leur lui ma mais me mes mon
    ne nous on ou où par pas pour quand que qui sa se ses son sont sur ta te tu un une vous
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
HIRAGANA = re.compile(r"[\u3041-\u309f]")
# At most one suffix, enough to match "exports" with "export". The index has its own stemmer.
SUFFIX = re.compile(r"(?:ings?|edly|ed|ies|ers?|es|ly|s|e|y)$")


def content_words(query: str, limit: int = WORDS_LIMIT) -> list[str]:
    """The words of a query without function words; all words if there are no others."""
    every = words(query, limit=200)
    return ([word for word in every if word not in FUNCTION_WORDS and not _is_ending(word)] or every)[:limit]


def _is_ending(word: str) -> bool:
    """Two characters with hiragana are mostly Japanese particles and endings, seldom what a sentence is about."""
    return len(word) == 2 and bool(HIRAGANA.search(word))


def find(query: str, limit: int, index: FullTextIndex = INDEX) -> list[tuple[int, float]]:
    """`(chunk id, BM25 score)`, best first, of chunks with any content word of the query."""
    return index.search(" ".join(content_words(query)), limit)


def stem(word: str) -> str:
    plain = "".join(each for each in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(each))
    return SUFFIX.sub("", plain) if len(plain) > 4 else plain


def held(query_words: Sequence[str], text: str) -> list[str]:
    """The words that the text has too, compared by stem."""
    there = {stem(word) for word in words(text, limit=100_000)}
    return [word for word in query_words if stem(word) in there]


# Factor for two characters that no passage has: mostly they are where two words meet.
SEAM = 0.3


def rarity(query_words: Sequence[str], index: FullTextIndex = INDEX) -> dict[str, float]:
    """Weight of each word: inverse document frequency, ln(1 + (N + 0.5) / (n + 0.5)), nearly as in BM25.

    N chunks in all, n of them with the word: rare words weigh most.
    """
    if not query_words:
        return {}
    frequencies, total = index.frequencies(query_words)
    return {
        word: math.log(1 + (total + 0.5) / (frequency + 0.5)) * (SEAM if not frequency and is_unspaced(word) else 1)
        for word, frequency in zip(query_words, frequencies, strict=True)
    }


def coverage(weights: Mapping[str, float], text: str) -> float:
    """The weight of the query's words that the text has, divided by the weight of all, 0 to 1.

    It is the score when search goes by words only.
    """
    everything = sum(weights.values())
    if not everything:
        return 0.0
    return sum(weights[word] for word in held(list(weights), text)) / everything
