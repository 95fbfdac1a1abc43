"""Finds passages that say the same: close in meaning by their vectors, and with many runs of words in common. Pure.

Meaning alone is not enough: the vectors of similar sections ("Refund on Studio", "Refund on Chain") are as close as
those of copies.
"""

import re

MIN_SIMILARITY = 0.92  # cosine similarity
SHINGLE = 3  # words in a run
MIN_SHARED = 0.5  # Jaccard similarity of the runs of words
MIN_WORDS = 12  # shorter passages are often alike ("See the settings.")


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return frozenset(tuple(words[place : place + SHINGLE]) for place in range(len(words) - SHINGLE + 1))


def shared_runs(first: str, second: str) -> float:
    """Jaccard similarity of the runs of words, 0 to 1."""
    one, other = shingles(first), shingles(second)
    return len(one & other) / len(one | other) if one and other else 0.0


def duplicate(first: str, second: str, similarity: float) -> float | None:
    """Mean of both similarities, 0 to 1, if both say the same; otherwise None."""
    if similarity < MIN_SIMILARITY or min(len(first.split()), len(second.split())) < MIN_WORDS:
        return None
    shared = shared_runs(first, second)
    return round((shared + similarity) / 2, 3) if shared >= MIN_SHARED else None
