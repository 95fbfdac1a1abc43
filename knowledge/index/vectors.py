"""The vectors of chunks, in Chroma. A cache: SQL says what is published, `sync` stores it.

Only this module and rebuild.py import chromadb. Each embedding model has its own collection: a changed
EMBEDDING_MODEL starts with an empty one, which the next sync fills. rebuild.py fills a second collection, which then
takes the place of the first.
"""

import logging
import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx
import numpy as np
from django.conf import settings

from config.certificates import trusted
from knowledge.index import chroma_folder, rebuild

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT = 1.0
READ_TIMEOUT = 3.0  # longer than that, search goes by words only
WRITE_TIMEOUT = 30.0
PAGE = 250  # rows per request
LIST_PAGE = 5000
T = TypeVar("T")


class IndexUnavailable(Exception):
    """A request to Chroma failed. `retryable`: the same request may work later."""

    def __init__(self, reason: str, retryable: bool = True) -> None:
        super().__init__(reason)
        self.retryable = retryable


class IndexDamaged(IndexUnavailable):
    """Chroma answers, but cannot read its own files."""


@dataclass(frozen=True)
class Entry:
    """A chunk's vector. `content_hash` shows whether it still belongs to the chunk's text."""

    chunk_id: int
    article_id: int
    content_hash: str
    vector: np.ndarray


class VectorStore(Protocol):
    """What sync and search need. Tests have one in memory."""

    def upsert(self, entries: Sequence[Entry]) -> None: ...
    def delete(self, chunk_ids: Sequence[int]) -> None: ...
    def query(self, vector: np.ndarray, limit: int) -> list[tuple[int, float]]: ...
    def similarities(self, chunk_ids: Sequence[int], vector: np.ndarray) -> dict[int, float]: ...
    def hashes(self, article_ids: Sequence[int] | None = None) -> dict[int, str]: ...
    def count(self) -> int: ...
    def building(self) -> "VectorStore": ...
    def replace_with(self, built: "VectorStore") -> None: ...
    def drop_leftover(self) -> bool: ...
    def start_over(self) -> None: ...


def collection_name(embedder_name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", f"{settings.CHROMA_COLLECTION}-{embedder_name}").strip("-")[:200]


def get_store(embedder_name: str) -> VectorStore:
    return ChromaStore(collection_name(embedder_name))


class ChromaStore:
    def __init__(self, name: str) -> None:
        self.name = name

    def upsert(self, entries: Sequence[Entry]) -> None:
        for start in range(0, len(entries), PAGE):
            self._do(partial(_upsert, entries=entries[start : start + PAGE]), WRITE_TIMEOUT)

    def delete(self, chunk_ids: Sequence[int]) -> None:
        for start in range(0, len(chunk_ids), PAGE):
            ids = [str(chunk_id) for chunk_id in chunk_ids[start : start + PAGE]]
            self._do(partial(_delete, ids=ids), WRITE_TIMEOUT)

    def query(self, vector: np.ndarray, limit: int) -> list[tuple[int, float]]:
        """`(chunk id, cosine similarity)`, best first."""

        def ask(collection: Any) -> list[tuple[int, float]]:
            answer = collection.query(query_embeddings=[vector], n_results=limit, include=["distances"])
            rows = zip(answer["ids"][0], answer["distances"][0], strict=True)
            return [(int(chunk_id), _similarity(distance)) for chunk_id, distance in rows]

        return self._do(ask, READ_TIMEOUT)

    def similarities(self, chunk_ids: Sequence[int], vector: np.ndarray) -> dict[int, float]:
        """`{chunk id: cosine similarity}`, without chunks that have no vector."""
        if not chunk_ids:
            return {}

        def ask(collection: Any) -> dict[int, float]:
            answer = collection.get(ids=[str(chunk_id) for chunk_id in chunk_ids], include=["embeddings"])
            rows = zip(answer["ids"], answer["embeddings"], strict=True)
            return {int(chunk_id): _similarity(1 - float(np.dot(row, vector))) for chunk_id, row in rows}

        return self._do(ask, READ_TIMEOUT)

    def hashes(self, article_ids: Sequence[int] | None = None) -> dict[int, str]:
        """`{chunk id: content hash}` of these articles, or of all."""
        where = None if article_ids is None else {"article": {"$in": [int(each) for each in article_ids]}}
        found: dict[int, str] = {}
        while True:
            page = self._do(partial(_hashes, where=where, start=len(found)), WRITE_TIMEOUT)
            found |= page
            if len(page) < LIST_PAGE:
                return found

    def count(self) -> int:
        return int(self._do(lambda collection: collection.count(), READ_TIMEOUT))

    def building(self) -> "ChromaStore":
        """A collection to fill while searches use this one: empty, or half-built by an interrupted rebuild."""
        _forget()
        return ChromaStore(_with_client(lambda client: rebuild.open_building(client, self.name), WRITE_TIMEOUT))

    def replace_with(self, built: VectorStore) -> None:
        """The built collection takes the place of this one."""
        assert isinstance(built, ChromaStore)
        _with_client(lambda client: rebuild.swap(client, self.name), WRITE_TIMEOUT)
        _forget()

    def drop_leftover(self) -> bool:
        """Delete what an interrupted rebuild has left and nobody continued. True if there was something."""
        return _with_client(lambda client: rebuild.drop_leftover(client, self.name), WRITE_TIMEOUT)

    def start_over(self) -> None:
        """Delete everything. If Chroma cannot even do that, the process that runs it is asked to start with a new
        folder (chroma_server.py). Raises IndexUnavailable if that process is not ours."""
        try:
            _with_client(lambda client: rebuild.drop_all(client, self.name), WRITE_TIMEOUT)
        except IndexDamaged:
            if not settings.CHROMA_EMBEDDED:
                raise
            chroma_folder.request_in(Path(settings.VAR_DIR)).touch()
        _forget()

    def _do(self, ask: Callable[[Any], T], read_timeout: float) -> T:
        return _with_client(lambda client: ask(_collection(client, self.name)), read_timeout)


# --- The connection: one client per process and timeout, dropped at the first error. ---

_clients: dict[tuple[int, str, float], Any] = {}
_collections: dict[tuple[int, str], Any] = {}
_lock = threading.Lock()


def _with_client(ask: Callable[[Any], T], read_timeout: float) -> T:
    """Ask, and after an error once more with a new client: a restarted Chroma has closed the old connection."""
    first = True
    while True:
        try:
            return ask(_client(read_timeout))
        except IndexUnavailable:
            raise
        except Exception as error:  # httpx, JSON and chromadb raise many kinds of errors
            _forget()
            if not first or isinstance(error, httpx.TimeoutException):
                logger.warning("Chroma failed: %s", type(error).__name__)
                if _is_damage(error):
                    raise IndexDamaged("Chroma cannot read its files. They are being rebuilt.") from error
                raise IndexUnavailable(_reason(error), retryable=not _is_refusal(error)) from error
            first = False


def _client(read_timeout: float) -> Any:
    # With the process id, because a forked worker must not share its parent's sockets.
    key = (os.getpid(), settings.CHROMA_URL, read_timeout)
    with _lock:
        if key not in _clients:
            _clients[key] = _connect(settings.CHROMA_URL, read_timeout)
        return _clients[key]


def _connect(url: str, read_timeout: float) -> Any:
    timeout = httpx.Timeout(read_timeout, connect=CONNECT_TIMEOUT)
    try:
        # Chroma's own client has no timeout while connecting, so a short request comes first.
        httpx.get(f"{url.rstrip('/')}/api/v2/heartbeat", timeout=timeout, verify=trusted()).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise IndexUnavailable(f"Chroma does not answer at {url}.") from error
    import chromadb
    from chromadb.config import Settings

    parts = urlsplit(url)
    secure = parts.scheme == "https"
    client = chromadb.HttpClient(
        host=parts.hostname or "",
        port=parts.port or (443 if secure else 80),
        ssl=secure,
        settings=Settings(anonymized_telemetry=False),
    )
    client._server._session.timeout = timeout  # type: ignore[attr-defined]  # chromadb 1.5 offers no other way to set it
    return client


def _collection(client: Any, name: str) -> Any:
    key = (id(client), name)
    if key not in _collections:
        _collections[key] = rebuild.open_collection(client, name)
    return _collections[key]


def _forget() -> None:
    with _lock:
        _clients.clear()
        _collections.clear()


def _upsert(collection: Any, entries: Sequence[Entry]) -> None:
    collection.upsert(
        ids=[str(entry.chunk_id) for entry in entries],
        embeddings=[entry.vector for entry in entries],
        metadatas=[{"article": entry.article_id, "hash": entry.content_hash} for entry in entries],
    )


def _delete(collection: Any, ids: list[str]) -> None:
    collection.delete(ids=ids)


def _hashes(collection: Any, where: Any, start: int) -> dict[int, str]:
    rows = collection.get(where=where, include=["metadatas"], limit=LIST_PAGE, offset=start)
    return {int(each): str(data["hash"]) for each, data in zip(rows["ids"], rows["metadatas"], strict=True)}


def _similarity(cosine_distance: float) -> float:
    return min(1.0, max(0.0, 1.0 - float(cosine_distance)))


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__ or found.__context__


def _is_refusal(error: Exception) -> bool:
    """Chroma understood the request and refused it (a wrong argument), unlike a broken connection."""
    return type(error).__name__ in {"InvalidArgumentError", "InvalidDimensionException", "AuthorizationError"}


def _is_damage(error: Exception) -> bool:
    """An internal error of Chroma. Not a full disk: a rebuilt index would not fit there either."""
    return type(error).__name__ == "InternalError" and "is full" not in str(error)


def _reason(error: Exception) -> str:
    if any(isinstance(each, httpx.TimeoutException) for each in _causes(error)):
        return f"Chroma at {settings.CHROMA_URL} is too slow."
    if any(isinstance(each, httpx.TransportError) for each in _causes(error)):
        return f"Chroma does not answer at {settings.CHROMA_URL}."
    return f"Chroma refused: {type(error).__name__}."
