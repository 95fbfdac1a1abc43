"""Full-text search by the database's own means: FTS5 on SQLite, tsvector on PostgreSQL.

An index is a plain table keyed by the id of the row it describes. Both apps that search
(tickets, knowledge) own one each; a migration creates it with `CreateFullTextIndex`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connections
from django.db.migrations.operations.base import Operation

WORD = re.compile(r"[^\W_]+(?:[-'.][^\W_]+)*", re.UNICODE)


def words(query: str, limit: int = 48) -> list[str]:
    """The words of a query, each once, in order; operators and punctuation are dropped."""
    return list(dict.fromkeys(word.lower() for word in WORD.findall(query)))[:limit]


@dataclass(frozen=True)
class FullTextIndex:
    """`columns` are weighted in bm25 order by `weights` (higher counts more)."""

    table: str
    columns: tuple[str, ...]
    weights: tuple[float, ...]
    using: str = "default"

    @property
    def vendor(self) -> str:
        return connections[self.using].vendor

    def put(self, row_id: int, texts: Sequence[str]) -> None:
        self.put_many([(row_id, *texts)])

    def put_many(self, rows: Iterable[tuple[int | str, ...]]) -> None:
        """Insert or replace `(id, *texts)` rows."""
        rows = list(rows)
        if not rows:
            return
        self.delete([int(row[0]) for row in rows])
        with connections[self.using].cursor() as cursor:
            if self.vendor == "postgresql":
                # Weight A counts most; a tsvector has four weights, enough for our columns.
                parts = " || ".join(
                    f"setweight(to_tsvector('simple', %s), '{'ABCD'[i]}') || setweight(to_tsvector('english', %s), 'D')"
                    for i in range(len(self.columns))
                )
                values = [(row[0], *(text for text in row[1:] for _ in range(2))) for row in rows]
                cursor.executemany(f"INSERT INTO {self.table} (rowid, document) VALUES (%s, {parts})", values)
            else:
                marks = ", ".join(["%s"] * (len(self.columns) + 1))
                cursor.executemany(
                    f"INSERT INTO {self.table} (rowid, {', '.join(self.columns)}) VALUES ({marks})", rows
                )

    def delete(self, row_ids: Sequence[int]) -> None:
        with connections[self.using].cursor() as cursor:
            for start in range(0, len(row_ids), 500):
                part = list(row_ids[start : start + 500])
                marks = ", ".join(["%s"] * len(part))
                cursor.execute(f"DELETE FROM {self.table} WHERE rowid IN ({marks})", part)

    def ids(self) -> set[int]:
        """Of every row, for comparing the index with what it describes."""
        with connections[self.using].cursor() as cursor:
            cursor.execute(f"SELECT rowid FROM {self.table}")
            return {int(row_id) for (row_id,) in cursor.fetchall()}

    def clear(self) -> None:
        with connections[self.using].cursor() as cursor:
            cursor.execute(f"DELETE FROM {self.table}")

    def search(self, query: str, limit: int, match_all: bool = False) -> list[tuple[int, float]]:
        """`(id, score)` pairs, best first; a higher score is better. Any text is a safe query."""
        found = words(query)
        if not found:
            return []
        if self.vendor == "postgresql":
            return self._search_postgresql(found, limit, match_all)
        joiner = " AND " if match_all else " OR "
        expression = joiner.join('"' + word.replace('"', '""') + '"' + ("*" if match_all else "") for word in found)
        weights = ", ".join(str(weight) for weight in self.weights)
        with connections[self.using].cursor() as cursor:
            cursor.execute(
                f"SELECT rowid, -bm25({self.table}, {weights}) AS score FROM {self.table} "
                f"WHERE {self.table} MATCH %s ORDER BY score DESC, rowid LIMIT %s",
                [expression, limit],
            )
            return [(int(row_id), float(score)) for row_id, score in cursor.fetchall()]

    def _search_postgresql(self, found: list[str], limit: int, match_all: bool) -> list[tuple[int, float]]:
        # A word may hold - ' . , so each goes through plainto_tsquery and only the results are joined.
        operator = "&&" if match_all else "||"
        each = "(plainto_tsquery('simple', %s) || plainto_tsquery('english', %s))"
        expression = f" {operator} ".join([each] * len(found))
        parameters = [word for word in found for _ in range(2)]
        with connections[self.using].cursor() as cursor:
            cursor.execute(
                f"SELECT rowid, ts_rank_cd(document, q.query, 1) AS score FROM {self.table}, "
                f"(SELECT {expression} AS query) q WHERE document @@ q.query "
                f"ORDER BY score DESC, rowid LIMIT %s",
                [*parameters, limit],
            )
            return [(int(row_id), float(score)) for row_id, score in cursor.fetchall()]


class CreateFullTextIndex(Operation):
    """Migration operation: the index table in the form this database has."""

    reversible = True

    def __init__(self, index: FullTextIndex) -> None:
        self.index = index

    def deconstruct(self) -> tuple[str, list, dict]:
        return (type(self).__name__, [], {"index": self.index})

    def state_forwards(self, app_label, state) -> None:  # type: ignore[no-untyped-def]
        """The table is no Django model."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:  # type: ignore[no-untyped-def]
        if schema_editor.connection.alias != self.index.using:
            return
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(
                f"CREATE TABLE {self.index.table} (rowid bigint PRIMARY KEY, document tsvector NOT NULL)"
            )
            schema_editor.execute(
                f"CREATE INDEX {self.index.table}_document ON {self.index.table} USING gin (document)"
            )
        else:
            columns = ", ".join(self.index.columns)
            schema_editor.execute(
                f"CREATE VIRTUAL TABLE {self.index.table} USING fts5({columns}, "
                "tokenize = 'porter unicode61 remove_diacritics 2')"
            )

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:  # type: ignore[no-untyped-def]
        schema_editor.execute(f"DROP TABLE {self.index.table}")

    def describe(self) -> str:
        return f"Create full-text index {self.index.table}"
