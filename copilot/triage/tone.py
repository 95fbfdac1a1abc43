"""How a text sounds, as a row of numbers: its words of praise, anger, trouble and hurry, emojis, and how loud it is.

The embedding knows English and what a text is about, hardly the mood of who wrote it; and the classifier's own words
are those of its examples. Here are words of many languages that show a mood, whatever the matter, so that what the
classifier learns from English examples holds for others as well.

The words are data: one file a language in `tone_words/`, and one of emojis for all. To add a language, copy a file and
put its own words in, with the name that `tickets/languages.py` gives the language. Where that is not sure which it is,
the one counts that has the most words of the text. A file has groups of words: those of GROUPS; `very`, which makes the
next one stronger; `not`, which turns round what comes up to three words later, and `not_after`, the same up to three
words before ("gefällt mir nicht"); and `other`, phrases that only look so ("kind regards"). `a_b` is two words, `stem*`
begins a word and `*stem` ends one. Accents, capitals and apostrophes don't count, so leave out what without them is a
common word (sûr, schön). Of phrases that begin at the same word the longest counts.
"""

import re
from collections.abc import Sequence
from itertools import chain
from math import log1p, sqrt

import numpy as np

from copilot.triage.signal_words import book as signal_words
from copilot.triage.signal_words.sentences import CJK, Sentence, sentences
from copilot.triage.tone_words import book
from copilot.triage.tone_words.book import Said
from tickets import languages

GROUPS = ("positive", "very_positive", "negative", "very_negative", "problem", "urgent", "calm", "thanks")
GOOD, BAD = frozenset({"positive", "very_positive"}), frozenset({"negative", "very_negative", "problem"})
NOT, NOT_AFTER, VERY = "not", "not_after", "very"
COUNTED = (*GROUPS, "not_good", "not_bad", "good_emoji", "bad_emoji")
# What the row has, in its order. A classifier is of use only with the measures that it was trained with.
MEASURES = (
    *COUNTED,
    *(f"{each}_share" for each in COUNTED),
    *("balance", "praise", "blame", "capitals", "exclamations", "questions", "pauses", "length"),
)
STRONGER = 1.5  # a word after "very"
NEAR = 3  # words from a denial to what it denies, twice as many characters in Japanese and Chinese
USUAL_CAPITALS = 0.1  # of all letters
_SAME = {"no": "da", "nn": "da"}  # written much the same
_HINDI = re.compile("[\u0900-\u097f]{3}")
_WIDE = re.compile(f"[{CJK}]")


def measures(texts: Sequence[str]) -> np.ndarray:
    """A row for each text, a column for each of MEASURES, none of them far from 0 to 1."""
    return np.array([_measured(text) for text in texts], dtype=np.float32).reshape(len(texts), len(MEASURES))


def heard(text: str) -> dict[str, float]:
    """How often each of COUNTED is in the text; one after "very" counts for more."""
    counts = dict.fromkeys(COUNTED, 0.0)
    spoken, found = _languages(text), list(sentences(text, signal_words.read().but))
    if len(spoken) > 1:
        spoken = book.read().nearest((sentence.words for sentence in found), spoken)
    for sentence in found:
        said = [(each, each.groups(spoken)) for each in book.read().said(sentence.words, spoken)]
        for place, (each, groups) in enumerate(said):
            beside = said[max(0, place - NEAR) : place + 2 * NEAR + 1]
            strength = STRONGER if any(VERY in other and last.end == each.start for last, other in beside) else 1.0
            for group in _meant(groups, _denied(each, beside, sentence)):
                counts[group] += strength
    for group in book.emojis().found(text):
        counts[group] += 1
        counts["good_emoji"] += group in GOOD
        counts["bad_emoji"] += group in BAD
    return counts


def _languages(text: str) -> frozenset[str]:
    """Those that the text may be in, of the ones that there are words of."""
    if _HINDI.search(text):
        return frozenset({"hi"})
    known = frozenset(book.read().languages)
    detected = languages.detect(text)
    likely = [detected] if detected else languages.close(text)
    return frozenset(_SAME.get(language, language) for language in likely) & known or known


def _denied(said: Said, beside: Sequence[tuple[Said, frozenset[str]]], sentence: Sentence) -> bool:
    """Whether a word in the same clause denies it."""
    clause = sentence.clauses[said.start]
    after = NEAR * 2 if _WIDE.match(sentence.words[said.start]) else NEAR
    return any(
        (NOT in groups and 0 <= said.start - other.end < NEAR)
        or (NOT_AFTER in groups and 0 <= other.start - said.end < after)
        for other, groups in beside
        if other is not said and sentence.clauses[other.start] == clause
    )


def _meant(groups: frozenset[str], denied: bool) -> frozenset[str]:
    if not denied:
        return groups.intersection(GROUPS)
    turned = {"not_good": groups & GOOD, "not_bad": groups & BAD, "calm": groups & {"urgent"}}
    return frozenset(name for name, were in turned.items() if were)


def _measured(text: str) -> list[float]:
    counts = heard(text)
    words = len(text.split()) if not _WIDE.search(text) else len(_WIDE.findall(text)) / 2
    good = counts["positive"] + 2 * counts["very_positive"] + counts["not_bad"] / 2
    bad = counts["negative"] + 2 * counts["very_negative"] + counts["not_good"] + counts["problem"] / 2
    balance = (good - bad) / (good + bad + 1)
    letters, capitals = sum(map(str.isalpha, text)), sum(map(str.isupper, text))
    loud = max(0.0, capitals / (letters + 10) - USUAL_CAPITALS)
    marks = (_many(sum(map(text.count, each))) for each in (("!", "！"), ("?", "？"), ("...", "…")))
    shares = (min(1.0, counts[name] / sqrt(words + 4)) for name in COUNTED)
    often = (_many(counts[name]) for name in COUNTED)
    return [*chain(often, shares), balance, max(0.0, balance), max(0.0, -balance), loud, *marks, log1p(words) / 6]


def _many(count: float) -> float:
    """0 to 1: the first ones matter most."""
    return count / (count + 1)
