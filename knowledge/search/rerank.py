"""The reranker: a cross-encoder that reads question and passage together, for the best candidates.

It was trained on short web passages. Its score is one more vote beside meaning and words (fusion.py), and confirms
passages in languages that the embedder does not know (query_language.py).
"""

import hashlib
import logging
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
from django.conf import settings

from knowledge.index.embeddings import model_folder
from knowledge.index.onnx import OnnxModel

logger = logging.getLogger(__name__)

# Most of a search's time is spent here: 16 ms for 128 word pieces on two cores. With BUDGET, six long passages or ten
# shorter ones are read, so that every search takes about as long.
MAX_TOKENS = 128  # word pieces of question and passage together
CANDIDATES = 10
BUDGET = 768  # word pieces of all candidates together


def shortened(title: str, heading_path: str, text: str) -> str:
    """The text that the reranker reads for a passage; the model cuts it at MAX_TOKENS."""
    return ". ".join(part for part in (title, heading_path) if part) + "\n" + text if title or heading_path else text


class RerankerUnavailable(Exception):
    """Searching goes on without it."""


class Reranker(Protocol):
    """Scores are logits: above 0, a passage more likely answers than not. Compare them only within one model.

    Reads the first passages, as many as fit into `budget` word pieces.
    """

    @property
    def name(self) -> str: ...
    def scores(self, query: str, passages: Sequence[str], budget: int = BUDGET) -> np.ndarray: ...


class OnnxReranker:
    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self._model = OnnxModel(folder, MAX_TOKENS, side_by_side=True)

    def scores(self, query: str, passages: Sequence[str], budget: int = BUDGET) -> np.ndarray:
        if not self._model.present:
            raise RerankerUnavailable(f"The reranker is not at {self._model.folder}. Run `manage.py fetch_models`.")
        try:
            rows = self._model.run([(query, each) for each in passages], lambda logits, _: logits[:, 0], budget)
        except Exception as error:  # a damaged file can raise anything
            raise RerankerUnavailable(f"The reranker failed: {type(error).__name__}.") from error
        return np.array(rows, dtype=np.float32)


class FakeReranker:
    """For tests: 8 * (share of the question's words in the passage) - 4."""

    name = "fake"

    def scores(self, query: str, passages: Sequence[str], budget: int = BUDGET) -> np.ndarray:
        asked = set(re.findall(r"\w+", query.lower()))
        shares = [len(asked & set(re.findall(r"\w+", each.lower()))) / max(1, len(asked)) for each in passages]
        # Breaks ties the same way on every machine.
        noise = [int.from_bytes(hashlib.blake2b(each.encode(), digest_size=2).digest()) / 1e8 for each in passages]
        return np.array([8 * share - 4 + small for share, small in zip(shares, noise, strict=True)], dtype=np.float32)


@cache
def _reranker(folder: Path) -> OnnxReranker:
    return OnnxReranker(folder)


def get_reranker() -> Reranker | None:
    """None if RERANK_MODEL is empty."""
    if not settings.RERANK_MODEL:
        return None
    if settings.RERANK_MODEL == "fake":
        return FakeReranker()
    return _reranker(model_folder(settings.RERANK_MODEL))
