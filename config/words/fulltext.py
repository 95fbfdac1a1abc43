"""Full-text search in the database: FTS5 on SQLite, tsvector on PostgreSQL.

An index is a table whose key is the id of the row it describes. `tickets` and `knowledge` have one each, created by a
migration with `CreateFullTextIndex`. terms.py decides what a word is.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connections
from django.db.migrations.operations.base import Operation

from config.words.terms import indexed, is_unspaced, joined, parts, words

__all__ = ["CreateFullTextIndex", "FullTextIndex", "words"]

# Operators that people know from search engines. They are not words to search for.
OPERATOR = re.compile(r"(?<![\w-])(?:AND|OR|NOT|NEAR)(?![\w-])")
QUERY_LIMIT = 4000  # characters


@dataclass(frozen=True)
class FullTextIndex:
    """`weights` are those of `columns` in bm25; a higher one counts more."""

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
        """Insert or replace rows of `(id, *texts)`. The terms of the texts are stored."""
        rows = [(row[0], *(indexed(str(text)) for text in row[1:])) for row in rows]
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
        """The ids of all rows, to compare the index with the rows it describes."""
        with connections[self.using].cursor() as cursor:
            cursor.execute(f"SELECT rowid FROM {self.table}")
            return {int(row_id) for (row_id,) in cursor.fetchall()}

    def clear(self) -> None:
        with connections[self.using].cursor() as cursor:
            cursor.execute(f"DELETE FROM {self.table}")

    def search(self, query: str, limit: int, match_all: bool = False) -> list[tuple[int, float]]:
        """Pairs of `(id, score)`, the highest score first. Any text is a safe query.

        `match_all`: every word must occur, if only as the beginning of a longer one.
        """
        found = words(_without_operators(query[:QUERY_LIMIT]) if match_all else query[:QUERY_LIMIT])
        if not found:
            return []
        if self.vendor == "postgresql":
            return self._search_postgresql(found, limit, match_all)
        joiner = " AND " if match_all else " OR "
        expression = joiner.join(_sqlite(word, match_all) for word in found)
        weights = ", ".join(str(weight) for weight in self.weights)
        with connections[self.using].cursor() as cursor:
            cursor.execute(
                f"SELECT rowid, -bm25({self.table}, {weights}) AS score FROM {self.table} "
                f"WHERE {self.table} MATCH %s ORDER BY score DESC, rowid LIMIT %s",
                [expression, limit],
            )
            return [(int(row_id), float(score)) for row_id, score in cursor.fetchall()]

    def _search_postgresql(self, found: list[str], limit: int, match_all: bool) -> list[tuple[int, float]]:
        operator = "&&" if match_all else "||"
        expression = f" {operator} ".join([EITHER] * len(found))
        parameters = [_postgresql(word, match_all) for word in found for _ in range(2)]
        with connections[self.using].cursor() as cursor:
            cursor.execute(
                f"SELECT rowid, ts_rank_cd(document, q.query, 1) AS score FROM {self.table}, "
                f"(SELECT {expression} AS query) q WHERE document @@ q.query "
                f"ORDER BY score DESC, rowid LIMIT %s",
                [*parameters, limit],
            )
            return [(int(row_id), float(score)) for row_id, score in cursor.fetchall()]

    def frequencies(self, found: Sequence[str]) -> tuple[list[int], int]:
        """How many rows contain each of the words, and the number of all rows."""
        if self.vendor == "postgresql":
            each = f"SELECT count(*) FROM {self.table} WHERE document @@ {EITHER}"
            parameters = [_postgresql(word) for word in found for _ in range(2)]
        else:
            each = f"SELECT count(*) FROM {self.table} WHERE {self.table} MATCH %s"
            parameters = [_sqlite(word) for word in found]
        whole = f"(SELECT count(*) FROM {self.table})"
        selects = enumerate([f"({each})"] * len(found) + [whole])
        with connections[self.using].cursor() as cursor:
            cursor.execute(" UNION ALL ".join(f"SELECT {i}, {part}" for i, part in selects), parameters)
            counts = [int(count) for _, count in sorted(cursor.fetchall())]
        return counts[:-1], counts[-1]


EITHER = "(to_tsquery('simple', %s) || to_tsquery('english', %s))"


def _without_operators(query: str) -> str:
    kept = OPERATOR.sub(" ", query)
    return kept if words(kept, limit=1) else query


def _alternatives(word: str, match_all: bool) -> list[tuple[str, ...]]:
    """The forms of a word, each a sequence of terms. Terms are letters and digits, so they are safe in a query.

    Where any word may match there is one form: two would count a word with a hyphen twice.
    """
    together = joined(word)
    if not together:
        return [parts(word)]
    return [parts(word), (together,)] if match_all else [(together,)]


def _begins(word: str, match_all: bool) -> bool:
    """A single letter of a script without spaces is stored only as the beginning of a pair."""
    return match_all or (len(word) == 1 and is_unspaced(word))


def _sqlite(word: str, match_all: bool = False) -> str:
    star = "*" if _begins(word, match_all) else ""
    return "(" + " OR ".join(f'"{" ".join(each)}"{star}' for each in _alternatives(word, match_all)) + ")"


def _postgresql(word: str, match_all: bool = False) -> str:
    star = ":*" if _begins(word, match_all) else ""
    return " | ".join(
        "(" + " <-> ".join(f"'{term}'" for term in each) + star + ")" for each in _alternatives(word, match_all)
    )


class CreateFullTextIndex(Operation):
    """Migration operation that creates the index table for this database."""

    reversible = True

    def __init__(self, index: FullTextIndex) -> None:
        self.index = index

    def deconstruct(self) -> tuple[str, list, dict]:
        return (type(self).__name__, [], {"index": self.index})

    def state_forwards(self, app_label, state) -> None:  # type: ignore[no-untyped-def]
        """The table is not a Django model."""

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
