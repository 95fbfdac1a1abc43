"""A second look at the best candidates: question and passage read together by a cross-encoder.

The cross-encoder was trained on short web passages; its score is one more vote beside meaning and words
(fusion.py), and the strongest sign of whether a passage answers at all (answerability.py).
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

# Question and passage together, in word pieces; how many candidates are read; and how many word pieces of all of
# them. The time of a search is mostly here: 16 ms for 128 word pieces on two cores. Six long passages or ten
# shorter ones are read, so that a search takes as long wherever it is asked.
MAX_TOKENS = 128
CANDIDATES = 10
BUDGET = 768


def shortened(title: str, heading_path: str, text: str) -> str:
    """What the reranker reads of a passage; the model itself cuts at MAX_TOKENS."""
    return ". ".join(part for part in (title, heading_path) if part) + "\n" + text if title or heading_path else text


class RerankerUnavailable(Exception):
    """Nothing can be reranked here; searching goes on without."""


class Reranker(Protocol):
    """Scores are logits: above 0 a passage rather answers than not. Comparable only within one model.

    Of the first passages only, as many as fit into `budget` word pieces.
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
        except Exception as error:  # a damaged file fails in many ways; all mean "not reranked"
            raise RerankerUnavailable(f"The reranker failed: {type(error).__name__}.") from error
        return np.array(rows, dtype=np.float32)


class FakeReranker:
    """For tests: the share of the question's words that the passage holds, as a logit."""

    name = "fake"

    def scores(self, query: str, passages: Sequence[str], budget: int = BUDGET) -> np.ndarray:
        asked = set(re.findall(r"\w+", query.lower()))
        shares = [len(asked & set(re.findall(r"\w+", each.lower()))) / max(1, len(asked)) for each in passages]
        # Ties broken the same way everywhere.
        noise = [int.from_bytes(hashlib.blake2b(each.encode(), digest_size=2).digest()) / 1e8 for each in passages]
        return np.array([8 * share - 4 + small for share, small in zip(shares, noise, strict=True)], dtype=np.float32)


@cache
def _reranker(folder: Path) -> OnnxReranker:
    return OnnxReranker(folder)


def get_reranker() -> Reranker | None:
    """The one this process uses; None where RERANK_MODEL is empty (switched off)."""
    if not settings.RERANK_MODEL:
        return None
    if settings.RERANK_MODEL == "fake":
        return FakeReranker()
    return _reranker(model_folder(settings.RERANK_MODEL))
