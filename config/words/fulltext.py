"""Full-text search in the database: FTS5 on SQLite, tsvector on PostgreSQL.

An index is a table whose key is the id of the row it describes. `tickets` and `knowledge` have one each, created by a
migration with `CreateFullTextIndex`. terms.py decides what a word is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.migrations.operations.base import Operation
from django.db.models import QuerySet

from config.words.clauses import Choice, Phrase, exactly
from config.words.terms import indexed, words

__all__ = ["CreateFullTextIndex", "FullTextIndex", "words"]

QUERY_LIMIT = 4000  # characters


@dataclass(frozen=True)
class FullTextIndex:
    """`weights` are those of `columns` in bm25; a higher one counts more. `letters` are those in a tsvector, of four:
    A counts most, and D has the English forms of all columns. So two columns may have the same letter."""

    table: str
    columns: tuple[str, ...]
    weights: tuple[float, ...]
    letters: str = "ABC"
    using: str = "default"

    @property
    def vendor(self) -> str:
        return connections[self.using].vendor

    def put(self, row_id: int, texts: Sequence[str]) -> None:
        self.put_many([(row_id, *texts)])

    def put_many(self, rows: Iterable[tuple[int | str, ...]]) -> None:
        """Insert or replace rows of `(id, *texts)`. The terms of the texts are stored."""
        rows = [(int(row[0]), *(indexed(str(text)) for text in row[1:])) for row in rows]
        if not rows:
            return
        if self.vendor == "postgresql":
            document = self.document(["%s"] * len(self.columns))
            with connections[self.using].cursor() as cursor:
                cursor.executemany(
                    f"INSERT INTO {self.table} (rowid, document) VALUES (%s, {document}) "
                    "ON CONFLICT (rowid) DO UPDATE SET document = EXCLUDED.document",
                    [(row[0], *(text for text in row[1:] for _ in range(2))) for row in rows],
                )
            return
        self.delete([int(row[0]) for row in rows])
        marks = ", ".join(["%s"] * (len(self.columns) + 1))
        with connections[self.using].cursor() as cursor:
            cursor.executemany(f"INSERT INTO {self.table} (rowid, {', '.join(self.columns)}) VALUES ({marks})", rows)

    def document(self, texts: Sequence[str]) -> str:
        """The tsvector of the columns, whose terms the SQL expressions in `texts` give."""
        return " || ".join(
            f"setweight(to_tsvector('simple', {text}), '{letter}') || setweight(to_tsvector('english', {text}), 'D')"
            for text, letter in zip(texts, self.letters, strict=True)
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

    def search(self, query: str, limit: int) -> list[tuple[int, float]]:
        """Pairs of `(id, score)` of rows with any of the words, the highest score first. Any text is a safe query."""
        return self._found(" OR ", [exactly(word) for word in words(query[:QUERY_LIMIT])], (), limit)

    def match(
        self,
        every: Sequence[Choice],
        none: Sequence[Choice] = (),
        *,
        limit: int,
        among: QuerySet[Any] | None = None,
    ) -> list[int]:
        """Ids of the rows that have something of every choice in `every` and nothing of those in `none`, best first.

        `among`: only rows that describe one of these.
        """
        try:
            only = self._only(among)
        except EmptyResultSet:
            return []
        return [row_id for row_id, _ in self._found(" AND ", every, none, limit, only)]

    def _only(self, among: "QuerySet[Any] | None") -> tuple[str, tuple[Any, ...]]:
        """The condition, with its parameters. Raises EmptyResultSet where Django knows that there are none.

        The plus keeps SQLite from asking the index once for each of the ids.
        """
        if among is None or not among.query.where:
            return "", ()
        sql, values = among.order_by().values("pk").query.get_compiler(using=self.using).as_sql()
        return f"AND {'' if self.vendor == 'postgresql' else '+'}rowid IN ({sql})", tuple(values)

    def _found(
        self,
        joiner: str,
        wanted: Sequence[Choice],
        unwanted: Sequence[Choice],
        limit: int,
        only: tuple[str, Sequence[Any]] = ("", ()),
    ) -> list[tuple[int, float]]:
        if not wanted:
            return []
        condition, ids = only
        if self.vendor == "postgresql":
            expression = f"({_POSTGRESQL[joiner].join([EITHER] * len(wanted))})"
            expression += f" && !!({_POSTGRESQL[' OR '].join([EITHER] * len(unwanted))})" if unwanted else ""
            parameters = [form for each in (*wanted, *unwanted) for form in _postgresql(each)]
            score, rows = "ts_rank_cd(document, q.query, 1)", f"{self.table}, (SELECT {expression} AS query) q"
            matches = "document @@ q.query"
        else:
            expression = f"({joiner.join(map(_sqlite, wanted))})"
            expression += f" NOT ({' OR '.join(map(_sqlite, unwanted))})" if unwanted else ""
            parameters = [expression]
            score, rows = f"-bm25({self.table}, {', '.join(map(str, self.weights))})", self.table
            matches = f"{self.table} MATCH %s"
        with connections[self.using].cursor() as cursor:
            cursor.execute(
                f"SELECT rowid, {score} AS score FROM {rows} WHERE {matches} {condition} "
                "ORDER BY score DESC, rowid LIMIT %s",
                [*parameters, *ids, limit],
            )
            return [(int(row_id), float(score)) for row_id, score in cursor.fetchall()]

    def frequencies(self, found: Sequence[str]) -> tuple[list[int], int]:
        """How many rows contain each of the words, and the number of all rows."""
        *counts, whole = self._counts([exactly(word) for word in found], [f"(SELECT count(*) FROM {self.table})"])
        return counts, whole

    def counts(self, choices: Sequence[Choice], most: int) -> list[int]:
        """How many rows have something of each choice. None is counted further than `most`."""
        return self._counts(choices, most=most)

    def _counts(self, choices: Sequence[Choice], more: Sequence[str] = (), most: int | None = None) -> list[int]:
        """In one query. `more`: further expressions."""
        if self.vendor == "postgresql":
            matches, parameters = f"document @@ {EITHER}", [form for each in choices for form in _postgresql(each)]
        else:
            matches, parameters = f"{self.table} MATCH %s", [_sqlite(each) for each in choices]
        rows = f"SELECT 1 FROM {self.table} WHERE {matches}"
        if most is not None and self.vendor == "postgresql":
            # It must not know of the limit when it plans: for few rows it would read the table and not the index.
            rows = f"WITH found AS MATERIALIZED ({rows}) SELECT 1 FROM found LIMIT {most:d}"
        elif most is not None:
            rows += f" LIMIT {most:d}"
        each = f"(SELECT count(*) FROM ({rows}) part)"
        selects = enumerate([each] * len(choices) + list(more))
        with connections[self.using].cursor() as cursor:
            cursor.execute(" UNION ALL ".join(f"SELECT {i}, {part}" for i, part in selects), parameters)
            return [int(count) for _, count in sorted(cursor.fetchall())]


# Words that PostgreSQL leaves out of English texts.
_STOP_WORDS = """
    i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers
    herself it its itself they them their theirs themselves what which who whom this that these those am is are
    was were be been being have has had having do does did doing a an the and but if or because as until while
    of at by for with about against between into through during before after above below to from up down in out
    on off over under again further then once here there when where why how all any both each few more most
    other some such no nor not only own same so than too very s t can will just don should now
    """
STOP_WORDS = frozenset(_STOP_WORDS.split())
EITHER = "(to_tsquery('simple', %s) || to_tsquery('english', %s))"
_POSTGRESQL = {" AND ": " && ", " OR ": " || "}


def _sqlite(choice: Choice) -> str:
    return "(" + " OR ".join(f'"{" ".join(each.terms)}"{"*" if each.begins else ""}' for each in choice) + ")"


def _postgresql(choice: Choice) -> tuple[str, str]:
    """For EITHER. In English "for ever" would be "ever" alone, so such a sequence is asked for as it is written."""
    whole = [each for each in choice if len(each.terms) == 1 or STOP_WORDS.isdisjoint(each.terms)]
    return " | ".join(map(_sequence, choice)), " | ".join(map(_sequence, whole))


def _sequence(phrase: Phrase) -> str:
    return "(" + " <-> ".join(f"'{term}'" for term in phrase.terms) + (":*" if phrase.begins else "") + ")"


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
        if schema_editor.connection.alias == self.index.using:
            schema_editor.execute(f"DROP TABLE {self.index.table}")

    def describe(self) -> str:
        return f"Create full-text index {self.index.table}"


class RemoveFullTextIndex(CreateFullTextIndex):
    """Migration operation that removes such a table, before one with other columns is created."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:  # type: ignore[no-untyped-def]
        if schema_editor.connection.alias == self.index.using:
            super().database_backwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:  # type: ignore[no-untyped-def]
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Remove full-text index {self.index.table}"
