"""Expressions in SQL that give rows their values, for SQLite and PostgreSQL. `n` is always a number in SQL.

The same number always gives the same value: two runs measure the same rows.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import connection, models

PRIME = 2**31 - 1


@dataclass(frozen=True)
class Dialect:
    """`base`: the present, in seconds since 1970."""

    base: int
    postgresql: bool

    def series(self, first: int, last: int) -> str:
        """The beginning of a statement; the numbers are then in `series`."""
        if self.postgresql:
            return f"WITH series(n) AS (SELECT generate_series({first}::bigint, {last}::bigint))"
        more = f"SELECT n + 1 FROM series WHERE n < {last}"
        return f"WITH RECURSIVE series(n) AS (SELECT {first} UNION ALL {more})"

    def moment(self, ago: str) -> str:
        """`ago` in seconds before the present."""
        if self.postgresql:
            return f"to_timestamp({self.base} - ({ago}))"
        return f"strftime('%Y-%m-%d %H:%M:%S', {self.base} - ({ago}), 'unixepoch')"

    def later(self, column: str, seconds: str) -> str:
        """A moment so many seconds after the one in a column; fewer than 0 are before it."""
        if self.postgresql:
            return f"{column} + make_interval(secs => {seconds})"
        return f"strftime('%Y-%m-%d %H:%M:%S', {column}, ({seconds}) || ' seconds')"

    def largest(self, *values: str) -> str:
        return f"{'GREATEST' if self.postgresql else 'MAX'}({', '.join(values)})"

    def token(self, n: str) -> str:
        """As long as a reply token, and in no order."""
        return f"substr(md5('{self.base} ' || {n}), 1, 16)" if self.postgresql else "lower(hex(randomblob(8)))"

    def joined(self, names: str) -> str:
        """The column `name` of a query, as one text."""
        gather = "string_agg(name, ' ')" if self.postgresql else "group_concat(name, ' ')"
        return f"(SELECT coalesce({gather}, '') FROM ({names}) names)"

    def json(self, text: str) -> str:
        return f"({text})::jsonb" if self.postgresql else text


def dialect(now: datetime) -> Dialect:
    return Dialect(int(now.timestamp()), connection.vendor == "postgresql")


def pick(of: int, salt: str, n: str) -> str:
    """A number from 0 to `of` - 1. What numbers with different salts give has nothing in common.

    A polynomial of n: with one of degree 1 two such numbers, or one and n itself, would go together too often.
    """
    digest = sha256(salt.encode()).digest()
    first, second = (int.from_bytes(digest[place : place + 4], "big") % PRIME for place in (0, 4))
    return f"(({n} * {first} % {PRIME} + {second}) * {n} % {PRIME} % {of})"


def one_of(values: Sequence[object], salt: str, n: str) -> str:
    """One of the values, each equally often; who is to come more often is in there more often."""
    if len(set(values)) == 1:
        return literal(values[0])
    cases = " ".join(f"WHEN {place} THEN {literal(value)}" for place, value in enumerate(values))
    return f"CASE {pick(len(values), salt, n)} {cases} END"


def literal(value: Any) -> str:
    """Of values in our own code: nothing that somebody wrote gets here."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, dict | list):
        value = json.dumps(value)
    if isinstance(value, datetime):
        value = connection.ops.adapt_datetimefield_value(value)  # as Django writes it, for constraints compare it
    text = value.isoformat() if isinstance(value, date | datetime) else str(value)
    return "'" + text.replace("'", "''") + "'"


def insert(model: type[models.Model], values: dict[str, str], start: str, source: str) -> None:
    """Rows from `source`, the rest of a SELECT. A field without an expression has the default of its model, so that
    what is added to a model does not have to be added here. `start`: what stands before INSERT."""
    fields = [field for field in model._meta.concrete_fields if field.name in values or not field.primary_key]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    chosen = ", ".join(values.get(field.name) or literal(field.get_default()) for field in fields)
    run(f"{start} INSERT INTO {model._meta.db_table} ({columns}) SELECT {chosen} {source}")


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
