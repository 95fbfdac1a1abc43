"""How near passages come to a question: the score of the search, for a text that is in no index yet. Pure."""

import numpy as np


def best(questions: bytes | memoryview, passages: np.ndarray) -> tuple[float, int]:
    """Cosine similarity of the nearest passage to any question of a message, and the place of that passage.

    Both sides are float32 rows of length one. This is what `knowledge.search.retrieval` calls a score; should that
    change, change it here, and let `question_vectors.best_today` say the same of what is published.
    """
    if not len(passages) or not questions:
        return 0.0, 0
    cosines = np.frombuffer(questions, dtype=np.float32).reshape(-1, passages.shape[1]) @ passages.T
    place = int(np.argmax(cosines.max(axis=0)))
    return float(cosines[:, place].max()), place
