"""From which similarity on two tickets count as alike. Each embedder has its own scale, so it was measured for each.

An embedder for English finds all texts of another language alike (knowledge/search/query_language.py): there, tickets
are compared within their language only, and must have words in common too.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from copilot.similar.reading import Asked
from knowledge.index.lexical import content_words, stem
from knowledge.search import min_scores, query_language

SHARED_WORDS = 3  # content words that two questions in a language that the embedder does not know must share


@dataclass(frozen=True)
class Minimum:
    """Of two questions in the same language, and in two languages, which only a multilingual embedder can compare."""

    same: float
    across: float


# manage.py evaluate_similar, one half of copilot/evaluation/similar_tickets.jsonl: the lowest with a precision@3 of .9,
# which the multilingual one does not reach (.85).
MEASURED: dict[str, Minimum] = {
    "bge-small-en-v1.5-onnx": Minimum(0.81, 0.81),
    "multilingual-e5-small-q4": Minimum(0.94, 0.92),
}
SMALLEST = 0.001  # distance from the minimum to 1
CLOSE = 0.25  # of what lies between the minimum and 1
# For an embedder that nobody measured, on the scale of index/similarity.py (0: unrelated, 1: the same text).
CAUTIOUS = 0.65


def of(embedder_name: str) -> Minimum:
    """Loads the embedder if it was never measured. Raises EmbedderUnavailable."""
    if embedder_name in MEASURED:
        return MEASURED[embedder_name]
    least = min_scores.of_scale(embedder_name, CAUTIOUS)
    return Minimum(least, least)


def above(similarity: float, one: Asked, other: Asked, minimum: Minimum) -> float | None:
    """How far the similarity of two questions is above the minimum, 0 to 1; None if they do not count as alike."""
    same = one.language == other.language
    if not same and (query_language.unknown(one.language) or query_language.unknown(other.language)):
        return None
    if same and query_language.unknown(one.language) and _shared(one, other) < SHARED_WORDS:
        return None
    least = minimum.same if same else minimum.across
    return (similarity - least) / max(1 - least, SMALLEST) if similarity >= least else None


def margins(found: Mapping[int, tuple[float, Asked]], asked: Asked, minimum: Minimum) -> dict[int, float]:
    """Of numbers of tickets, with their similarity and question: those above the minimum, and how far."""
    over = {number: above(similarity, asked, theirs, minimum) for number, (similarity, theirs) in found.items()}
    return {number: margin for number, margin in over.items() if margin is not None}


def closest(margins: Mapping[int, float]) -> list[int]:
    """Numbers of tickets by how far they are above the minimum, best first; not those far behind the best."""
    best = max(margins.values(), default=0.0)
    return sorted((each for each in margins if margins[each] >= best - CLOSE), key=lambda each: (-margins[each], -each))


def _shared(one: Asked, other: Asked) -> int:
    first, second = ({stem(word) for word in content_words(f"{each.title}\n{each.question}")} for each in (one, other))
    return len(first & second)
