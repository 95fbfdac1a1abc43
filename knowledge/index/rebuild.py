"""Rebuilding: a second collection, `….building`, is filled and then takes the name of the one in use.

During the swap the one in use is called `….old`. A process may be killed between any two steps: opening the
collection completes the swap, and the next rebuild continues with a half-built collection. Every function takes a
Chroma client and can be called again after a failure.
"""

import time
from typing import Any

BUILDING, OLD = ".building", ".old"
RESUMABLE = 24 * 3600.0  # seconds during which the next rebuild continues an interrupted one
COSINE = {"hnsw": {"space": "cosine"}}


def open_collection(client: Any, name: str) -> Any:
    _complete_swap(client, name)
    return client.get_or_create_collection(name, configuration=COSINE, embedding_function=None)


def open_building(client: Any, name: str) -> str:
    """The name of the collection to fill: the half-built one of an interrupted rebuild, or an empty one."""
    building = name + BUILDING
    if (left := _find(client, building)) is None or not _resumable(left):
        _drop(client, building)
        metadata = {"begun": time.time()}
        client.create_collection(building, configuration=COSINE, embedding_function=None, metadata=metadata)
    return building


def swap(client: Any, name: str) -> None:
    """The built collection takes the name of the one in use, which is deleted."""
    built = _find(client, name + BUILDING)
    if built is None:  # swapped already, by an earlier try or another process
        return
    if (current := _find(client, name)) is not None:
        _drop(client, name + OLD)
        current.modify(name=name + OLD)
    built.modify(name=name)
    _drop(client, name + OLD)


def drop_all(client: Any, name: str) -> None:
    for each in (name, name + BUILDING, name + OLD):
        _drop(client, each)


def drop_leftover(client: Any, name: str) -> bool:
    """Delete the half-built collection of a rebuild that nobody continued in time. True if there was one."""
    left = _find(client, name + BUILDING)
    if left is None or _resumable(left):
        return False
    _drop(client, name + BUILDING)
    return True


def _complete_swap(client: Any, name: str) -> None:
    """If `.old` exists and `name` does not, `swap` was killed before it renamed the built collection."""
    if (old := _find(client, name + OLD)) is None:
        return
    if _find(client, name) is None:
        built = _find(client, name + BUILDING)
        (old if built is None else built).modify(name=name)
    _drop(client, name + OLD)


def _find(client: Any, name: str) -> Any | None:
    from chromadb.errors import NotFoundError

    try:
        return client.get_collection(name, embedding_function=None)
    except NotFoundError:
        return None


def _drop(client: Any, name: str) -> None:
    from chromadb.errors import NotFoundError

    try:
        client.delete_collection(name)
    except NotFoundError:
        return


def _resumable(building: Any) -> bool:
    begun = (building.metadata or {}).get("begun", 0.0)
    return time.time() - float(begun) < RESUMABLE
