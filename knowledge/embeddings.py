"""Text -> vectors: sentence-transformers, or a deterministic fake. The model loads when first needed."""

import contextlib
import hashlib
import os
import re
import threading
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from django.conf import settings

BATCH = 32


class EmbedderUnavailable(Exception):
    """No vectors can be made here; `mend` is the command that helps."""

    def __init__(self, reason: str, mend: str = "manage.py fetch_models") -> None:
        super().__init__(f"{reason} Run `{mend}`.")
        self.reason, self.mend = reason, mend


class Embedder(Protocol):
    """Vectors are float32 and of length one, so a dot product is the cosine similarity."""

    @property
    def name(self) -> str: ...
    @property
    def dimension(self) -> int: ...
    def embed_passages(self, texts: list[str]) -> np.ndarray: ...
    def embed_query(self, text: str) -> np.ndarray: ...


def model_folder(model: str = "") -> Path:
    """EMBEDDING_MODEL is a folder, or the name of one in MODELS_DIR."""
    wanted = model or settings.EMBEDDING_MODEL
    given = Path(wanted).expanduser()
    return given if given.is_dir() else Path(settings.MODELS_DIR) / wanted


class SentenceTransformerEmbedder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        self._model: Any = None
        self._loading = threading.Lock()

    @property
    def dimension(self) -> int:
        return int(self._loaded().get_embedding_dimension())

    def embed_passages(self, texts: list[str]) -> np.ndarray:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return self._encode(texts)

    def embed_query(self, text: str) -> np.ndarray:
        return self._encode([text])[0]

    def _encode(self, texts: list[str]) -> np.ndarray:
        model = self._loaded()
        try:
            vectors = model.encode(
                texts, batch_size=BATCH, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
            )
        except (RuntimeError, MemoryError) as error:
            raise EmbedderUnavailable(
                f"The embedding model failed: {type(error).__name__}.", "manage.py doctor"
            ) from error
        return np.asarray(vectors, dtype=np.float32)

    def _loaded(self) -> Any:
        with self._loading:
            if self._model is None:
                self._model = self._load()
            return self._model

    def _load(self) -> Any:
        if not (self.folder / "modules.json").is_file():
            raise EmbedderUnavailable(f"The embedding model is not at {self.folder}.")
        # The folder is complete; nothing is to be asked of a hub.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils.logging import disable_progress_bar

            disable_progress_bar()
            torch.set_num_threads(settings.EMBEDDING_THREADS or _threads(os.cpu_count() or 1))
            return SentenceTransformer(str(self.folder), local_files_only=True)
        except Exception as error:  # a damaged folder or install fails in many ways; all mean "no vectors"
            raise EmbedderUnavailable(f"The embedding model at {self.folder} does not load: {error}.") from error


def _threads(cores: int) -> int:
    """Half the cores, at most 4. torch's threads wait for each other by spinning: with as many threads as cores
    and another busy process, one query took 520 ms on two cores instead of 15 ms with one thread."""
    return max(1, min(4, cores // 2))


class FakeEmbedder:
    """For tests: a hashed bag of words. Shared words make texts similar, meaning does not."""

    name = "fake"
    dimension = 256

    def embed_passages(self, texts: list[str]) -> np.ndarray:
        return np.array([self.embed_query(text) for text in texts], dtype=np.float32).reshape(-1, self.dimension)

    def embed_query(self, text: str) -> np.ndarray:
        vector = np.zeros(self.dimension, dtype=np.float32)
        for word in re.findall(r"\w+", text.lower()):
            vector[int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest()) % self.dimension] += 1
        length = float(np.linalg.norm(vector))
        return vector / length if length else vector


@cache
def _embedder(folder: Path) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(folder)


def get_embedder() -> Embedder:
    """The one this process uses; a second call does not load a second model."""
    if settings.EMBEDDING_MODEL == "fake":
        return FakeEmbedder()
    return _embedder(model_folder())


def warm() -> None:
    """Load the model ahead of the first search; without one, that search will say what is missing."""
    with contextlib.suppress(EmbedderUnavailable):
        get_embedder().embed_query("warm")
