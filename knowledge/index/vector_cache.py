"""Vectors on disk by the hash of their text, so that no text is embedded twice."""

import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np

from knowledge.index.embeddings import Embedder

STEP = 256  # texts embedded and stored at a time, so that an interrupted run resumes


def embed_cached(
    texts: list[str], embedder: Embedder, folder: Path, progress: Callable[[int, int], None] = lambda done, total: None
) -> np.ndarray:
    """The vectors of the texts, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = [hashlib.sha256(text.encode()).digest() for text in texts]
    store = sqlite3.connect(folder / f"vectors-{embedder.name}.sqlite3", timeout=60)
    try:
        store.execute("PRAGMA journal_mode=WAL")
        store.execute("CREATE TABLE IF NOT EXISTS vector (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID")
        known = _read(store, keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        todo = sorted(missing, key=lambda key: len(missing[key]))  # texts of similar length are faster together
        for start in range(0, len(todo), STEP):
            part = todo[start : start + STEP]
            vectors = embedder.embed_passages([missing[key] for key in part])
            store.executemany(
                "INSERT OR REPLACE INTO vector VALUES (?, ?)",
                [(key, vector.astype(np.float32).tobytes()) for key, vector in zip(part, vectors, strict=True)],
            )
            store.commit()
            known |= dict(zip(part, vectors, strict=True))
            progress(start + len(part), len(todo))
    finally:
        store.close()
    return np.array([known[key] for key in keys], dtype=np.float32).reshape(len(keys), -1)


def _read(store: sqlite3.Connection, keys: list[bytes]) -> dict[bytes, np.ndarray]:
    found: dict[bytes, np.ndarray] = {}
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        marks = ",".join("?" * len(part))
        rows = store.execute(f"SELECT key, value FROM vector WHERE key IN ({marks})", part)  # noqa: S608
        found |= {key: np.frombuffer(value, dtype=np.float32) for key, value in rows}
    return found
