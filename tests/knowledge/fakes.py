"""A vector store in memory that fails on request."""

from collections.abc import Sequence

import numpy as np

from knowledge.index.vectors import Entry, IndexDamaged, IndexUnavailable


class MemoryStore:
    """`fail_after`: number of calls that succeed before Chroma is "down", until it is set to None.

    `damaged`: it answers, but cannot read anything until it starts over."""

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self.calls: list[str] = []
        self.fail_after: int | None = None
        self.built: MemoryStore | None = None
        self.damaged = False

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.damaged:
            raise IndexDamaged("Chroma cannot read its files.")
        if self.fail_after is not None:
            if self.fail_after <= 0:
                raise IndexUnavailable("Chroma does not answer at http://fake.")
            self.fail_after -= 1

    def upsert(self, entries: Sequence[Entry]) -> None:
        self._called("upsert")
        self.entries |= {entry.chunk_id: entry for entry in entries}

    def delete(self, chunk_ids: Sequence[int]) -> None:
        self._called("delete")
        for chunk_id in chunk_ids:
            self.entries.pop(chunk_id, None)

    def query(self, vector: np.ndarray, limit: int) -> list[tuple[int, float]]:
        self._called("query")
        found = [(chunk_id, float(entry.vector @ vector)) for chunk_id, entry in self.entries.items()]
        return sorted(found, key=lambda hit: -hit[1])[:limit]

    def similarities(self, chunk_ids: Sequence[int], vector: np.ndarray) -> dict[int, float]:
        self._called("similarities")
        return {each: float(self.entries[each].vector @ vector) for each in chunk_ids if each in self.entries}

    def hashes(self, article_ids: Sequence[int] | None = None) -> dict[int, str]:
        self._called("hashes")
        return {
            chunk_id: entry.content_hash
            for chunk_id, entry in self.entries.items()
            if article_ids is None or entry.article_id in article_ids
        }

    def count(self) -> int:
        self._called("count")
        return len(self.entries)

    def building(self) -> "MemoryStore":
        self._called("building")
        self.built = self.built or MemoryStore()
        return self.built

    def replace_with(self, built: "MemoryStore") -> None:
        self.entries, self.built = built.entries, None

    def drop_leftover(self) -> bool:
        return False

    def start_over(self) -> None:
        self.calls.append("start_over")
        self.entries, self.damaged = {}, False
