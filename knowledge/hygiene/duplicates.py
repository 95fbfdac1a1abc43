"""Passages that say the same: near in meaning by their vectors, and sharing most runs of words. Pure.

Meaning alone is not enough: two sections of one kind ("Refund on Studio", "Refund on Chain") lie as near as copies do.
"""

import re

NEAR = 0.92  # cosine similarity from which two passages may be copies
SHINGLE = 3  # words in a run
SHARED = 0.5  # Jaccard similarity of the runs from which they are
LEAST_WORDS = 12  # shorter passages repeat by nature ("See the settings.")


def shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return frozenset(tuple(words[place : place + SHINGLE]) for place in range(len(words) - SHINGLE + 1))


def shared_runs(first: str, second: str) -> float:
    """Jaccard similarity of the runs of words, 0 to 1."""
    one, other = shingles(first), shingles(second)
    return len(one & other) / len(one | other) if one and other else 0.0


def duplicate(first: str, second: str, similarity: float) -> float | None:
    """How sure it is that both say the same, 0 to 1; None where they do not."""
    if similarity < NEAR or min(len(first.split()), len(second.split())) < LEAST_WORDS:
        return None
    shared = shared_runs(first, second)
    return round((shared + similarity) / 2, 3) if shared >= SHARED else None
