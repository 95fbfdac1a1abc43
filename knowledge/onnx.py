"""Small transformer models in ONNX form: a folder with `model.onnx` and `tokenizer.json`, run by onnxruntime.

Used by the ONNX embedder and by the reranker. Texts of like length run together, so that little time goes
into padding.
"""

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

BATCH = 16
Text = str | tuple[str, str]  # a text, or a pair of them


class OnnxModel:
    """Loads when first used. Raises OSError, ValueError or onnxruntime's own errors when the folder is no model."""

    def __init__(self, folder: Path, max_tokens: int) -> None:
        self.folder, self.max_tokens = folder, max_tokens
        self._loaded: tuple[Any, Any] | None = None
        self._loading = threading.Lock()

    @property
    def present(self) -> bool:
        return (self.folder / "model.onnx").is_file() and (self.folder / "tokenizer.json").is_file()

    def run(self, texts: Sequence[Text], reduce: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> list[np.ndarray]:
        """One row per text, in order; `reduce(output, attention mask)` makes the rows of a batch."""
        session, tokenizer = self._model()
        encoded = tokenizer.encode_batch(list(texts))
        order = sorted(range(len(encoded)), key=lambda i: len(encoded[i].ids))
        rows: dict[int, np.ndarray] = {}
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            longest = max(len(encoded[i].ids) for i in part)
            fields = {
                "input_ids": _padded([encoded[i].ids for i in part], longest),
                "attention_mask": _padded([encoded[i].attention_mask for i in part], longest),
                "token_type_ids": _padded([encoded[i].type_ids for i in part], longest),
            }
            wanted = {each.name for each in session.get_inputs()}
            output = session.run(None, {name: value for name, value in fields.items() if name in wanted})[0]
            rows |= dict(zip(part, reduce(output, fields["attention_mask"]), strict=True))
        return [rows[i] for i in range(len(encoded))]

    def _model(self) -> tuple[Any, Any]:
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> tuple[Any, Any]:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = settings.EMBEDDING_THREADS or max(1, min(4, os.cpu_count() or 1))
        options.inter_op_num_threads = 1
        # Threads that spin between two searches take the cores that the language model needs.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        session = onnxruntime.InferenceSession(
            str(self.folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.max_tokens, strategy="longest_first")
        return session, tokenizer


def _padded(rows: Sequence[Sequence[int]], width: int) -> np.ndarray:
    padded = np.zeros((len(rows), width), dtype=np.int64)
    for i, row in enumerate(rows):
        padded[i, : len(row)] = row
    return padded
