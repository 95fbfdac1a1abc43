"""Small transformer models as ONNX: a folder with `model.onnx` and `tokenizer.json`, run by onnxruntime.

Used by the ONNX embedder and the reranker. Texts of similar length run in one batch, which needs little padding.
Or each text runs alone, several at a time, which is faster for the long pairs of a reranker.
"""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

BATCH = 16
Text = str | tuple[str, str]  # a text, or a pair of them


class OnnxModel:
    """Loads on first use. Raises OSError, ValueError or onnxruntime's errors if the folder has no valid model."""

    def __init__(self, folder: Path, max_tokens: int, side_by_side: bool = False) -> None:
        """`side_by_side`: each text runs alone on one core, several at a time."""
        self.folder, self.max_tokens, self.side_by_side = folder, max_tokens, side_by_side
        self._loaded: tuple[Any, Any, ThreadPoolExecutor | None] | None = None
        self._loading = threading.Lock()

    @property
    def present(self) -> bool:
        return (self.folder / "model.onnx").is_file() and (self.folder / "tokenizer.json").is_file()

    def run(
        self, texts: Sequence[Text], reduce: Callable[[np.ndarray, np.ndarray], np.ndarray], budget: int | None = None
    ) -> list[np.ndarray]:
        """One row per text, in order. `reduce(output, attention mask)` makes the rows of a batch.

        `budget`: word pieces in total. Texts beyond it are left out and have no row.
        """
        encoded = self.encoded(texts)
        if budget is not None:
            so_far = accumulate(len(each) for each in encoded)
            encoded = [each for each, used in zip(encoded, so_far, strict=True) if used <= budget]
        return self.run_encoded(encoded, reduce)

    def encoded(self, texts: Sequence[Text]) -> list[Any]:
        """The word pieces of each text, with their places in it (`tokenizers.Encoding`)."""
        return list(self._model()[1].encode_batch(list(texts)))

    def run_encoded(
        self, encoded: Sequence[Any], reduce: Callable[[np.ndarray, np.ndarray], np.ndarray]
    ) -> list[np.ndarray]:
        """As `run`, of texts whose word pieces the caller has."""
        session, _, pool = self._model()
        longest_first = sorted(range(len(encoded)), key=lambda i: -len(encoded[i]))
        size = 1 if self.side_by_side else BATCH
        parts = [longest_first[start : start + size] for start in range(0, len(encoded), size)]
        names = {each.name for each in session.get_inputs()}

        def read(part: Sequence[int]) -> np.ndarray:
            fields = _fields([encoded[i] for i in part])
            output = session.run(None, {name: value for name, value in fields.items() if name in names})[0]
            return reduce(output, fields["attention_mask"])

        outputs = pool.map(read, parts) if pool and len(parts) > 1 else map(read, parts)
        rows: dict[int, np.ndarray] = {}
        for part, output in zip(parts, outputs, strict=True):
            rows |= dict(zip(part, output, strict=True))
        return [rows[i] for i in range(len(encoded))]

    def _model(self) -> tuple[Any, Any, ThreadPoolExecutor | None]:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> tuple[Any, Any, ThreadPoolExecutor | None]:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        threads = settings.EMBEDDING_THREADS or max(1, min(4, os.cpu_count() or 1))
        options.intra_op_num_threads = 1 if self.side_by_side else threads
        options.inter_op_num_threads = 1
        # Threads that wait by spinning would take cores from the language model.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = onnxruntime.InferenceSession(
            str(self.folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.max_tokens, strategy="longest_first")
        return session, tokenizer, ThreadPoolExecutor(threads, "onnx") if self.side_by_side else None


def _fields(encoded: Sequence[Any]) -> dict[str, np.ndarray]:
    longest = max(map(len, encoded))
    return {
        "input_ids": _padded([each.ids for each in encoded], longest),
        "attention_mask": _padded([each.attention_mask for each in encoded], longest),
        "token_type_ids": _padded([each.type_ids for each in encoded], longest),
    }


def _padded(rows: Sequence[Sequence[int]], width: int) -> np.ndarray:
    padded = np.zeros((len(rows), width), dtype=np.int64)
    for i, row in enumerate(rows):
        padded[i, : len(row)] = row
    return padded
