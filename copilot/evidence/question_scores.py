"""The search score of passages that are not in the index yet. Pure."""

import numpy as np


def best(questions: bytes | memoryview, passages: np.ndarray) -> tuple[float, int]:
    """Cosine similarity of the nearest passage to any question of a message, -1 to 1, and that passage's position.

    Both sides are float32 rows of length one. The same as the score of `knowledge.search.retrieval`; if that changes,
    change it here and in `question_vectors.best_today`.
    """
    if not len(passages) or not questions:
        return 0.0, 0
    cosines = np.frombuffer(questions, dtype=np.float32).reshape(-1, passages.shape[1]) @ passages.T
    place = int(np.argmax(cosines.max(axis=0)))
    return float(cosines[:, place].max()), place
