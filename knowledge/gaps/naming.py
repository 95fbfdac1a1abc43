"""Names a topic and finds its keywords, from its questions. Pure.

The name is the most central question, shortened. The keywords are the words that distinguish the topic from the others
by class-based TF-IDF (Grootendorst 2022): share of the topic's words * log(1 + words per topic / occurrences overall).
"""

import math
import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from knowledge.index.lexical import content_words, stem

NAME_LIMIT = 70
KEYWORDS = 3
ESSENTIAL_WORDS = 60

GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|g'?day|dear|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen|abend)|moin"
    r"|sehr geehrte\w*|liebe[rs]?|hola"
    r"|buen[oa]s (?:d[ií]as|tardes|noches)|estimad[oa]s?|bonjour|bonsoir|salut|cher|chère)"
    r"\b[^,.!?:\n]{0,30}(?:[,.!:]+\s*|\s*$)",
    re.IGNORECASE,
)
CLOSING = re.compile(
    r"^\W*(?:thanks|thank you|many thanks|cheers|best(?: regards| wishes)?(?=\W*$|,)|kind regards|regards|viele grüße"
    r"|mit freundlichen grüßen|danke|saludos|gracias|cordialement|merci)\b[^?]{0,24}$",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(r"<[A-Za-z_]{2,12}(?:_\d{1,6})?>")
REPLY_MARK = re.compile(r"^(?:(?:re|fwd?|aw|wg|tr|rv)\s*:\s*)+", re.IGNORECASE)
SENTENCE = re.compile(r"[^.!?\n]+[.!?…]*")


def sentences(question: str) -> list[str]:
    """Subject and message in sentences, without greeting, closing and placeholders of masked data."""
    found = []
    for line in question.split("\n"):
        plain = " ".join(PLACEHOLDER.sub(" ", line).split())
        if CLOSING.match(plain):
            continue
        plain = REPLY_MARK.sub("", GREETING.sub("", plain))
        found += [sentence.strip() for sentence in SENTENCE.findall(plain) if re.search(r"\w", sentence)]
    return found


def essential(question: str) -> str:
    """What is embedded: the question without greeting and closing, at most ESSENTIAL_WORDS."""
    return " ".join(" ".join(sentences(question)).split()[:ESSENTIAL_WORDS]) or question[:200]


def headline(question: str) -> str:
    """The first sentence that asks, or else says, something; at most NAME_LIMIT characters."""
    found = sentences(question) or [" ".join(question.split()) or "Question without words"]
    asking = [each for each in found[:6] if each.endswith("?") and len(content_words(each)) >= 3]
    saying = [each for each in found[:3] if len(content_words(each)) >= 2]
    return shortened((asking or saying or found)[0])


def shortened(sentence: str, limit: int = NAME_LIMIT) -> str:
    plain = sentence.strip(" -–—,;:*#>\"'")
    plain = plain[:1].upper() + plain[1:]
    if len(plain) <= limit:
        return plain
    return plain[: limit - 1].rpartition(" ")[0].rstrip(" ,;:-–") + "…"


def central(vectors: np.ndarray) -> int:
    """The row with the highest mean similarity to all rows."""
    return int(np.argmax((vectors @ vectors.T).mean(axis=1)))


def name_of(questions: Sequence[str], vectors: np.ndarray) -> str:
    return headline(questions[central(vectors)])


def keywords(topics: Sequence[Sequence[str]]) -> list[str]:
    """The KEYWORDS best words of each topic, given its questions: comma separated, best first."""
    counts: list[Counter[str]] = []
    spelled: dict[str, Counter[str]] = {}
    for questions in topics:
        counted: Counter[str] = Counter()
        for question in questions:
            for word in content_words(essential(question)):
                if len(word) > 2 and not word.isdigit():
                    counted[stem(word)] += 1
                    spelled.setdefault(stem(word), Counter())[word] += 1
        counts.append(counted)
    everywhere: Counter[str] = Counter()
    for counted in counts:
        everywhere.update(counted)
    average = sum(everywhere.values()) / max(1, len(counts))
    return [_best_words(counted, everywhere, average, spelled) for counted in counts]


def _best_words(
    counted: Counter[str], everywhere: Counter[str], average: float, spelled: dict[str, Counter[str]]
) -> str:
    total = sum(counted.values())
    weights = {key: count / total * math.log(1 + average / everywhere[key]) for key, count in counted.items()}
    best = sorted(weights, key=lambda key: (-weights[key], key))[:KEYWORDS]
    return ", ".join(spelled[key].most_common(1)[0][0] for key in best)[:200]
