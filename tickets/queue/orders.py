"""The orders of the queue, and where a page of one ends: rows are found by what they hold, never by counting."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.numbers import whole
from tickets.models import Ticket

BETWEEN = "~"  # the values of a cursor


@dataclass(frozen=True)
class Order:
    """`columns` as Django names them, `-` for falling; the last one is `id`, so that no two rows are equal."""

    key: str
    label: str | Promise
    columns: tuple[str, ...]

    def values(self, ticket: Ticket) -> tuple[Any, ...]:
        return tuple(getattr(ticket, name) for name in self.names)

    def cursor(self, values: Sequence[Any]) -> str:
        """Where the page ends whose last row has these values."""
        return BETWEEN.join([self.key, *map(_written, values)])

    @property
    def names(self) -> tuple[str, ...]:
        """The columns without their direction."""
        return tuple(column.lstrip("-") for column in self.columns)

    def merged(self, rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Values of `names`, in this order."""
        found = list(rows)
        for place, column in reversed(list(enumerate(self.columns))):
            found.sort(key=itemgetter(place), reverse=column.startswith("-"))
        return found

    def behind(self, cursor: str) -> Q | None:
        """Rows after the cursor. None for a cursor of another order, or none at all."""
        values = self._read(cursor)
        return None if values is None else _behind(self.columns, values)

    def _read(self, cursor: str) -> list[Any] | None:
        key, *parts = cursor.replace(" ", "+").split(BETWEEN)
        if key != self.key or len(parts) != len(self.columns):
            return None
        values = [_value(column, part) for column, part in zip(self.columns, parts, strict=True)]
        return None if None in values else values


WORK = Order("work", _("Urgent first, then waiting longest"), ("-priority", "waiting_since", "id"))
WAKES = Order("wakes", _("Wakes first"), ("wakes_at", "id"))
NEWEST = Order("newest", _("Newest first"), ("-id",))
ORDERS = {
    order.key: order
    for order in (
        WORK,
        Order("waiting", _("Waiting longest first"), ("waiting_since", "id")),
        Order("changed", _("Last changed first"), ("-updated_at", "-id")),
        NEWEST,
        WAKES,
        Order("oldest", _("Oldest first"), ("id",)),
    )
}


def _behind(columns: Sequence[str], values: Sequence[Any]) -> Q:
    """Lexicographically. The bound on the first column alone lets the database begin in the middle of its index."""
    column, value = columns[0], values[0]
    name, beyond = column.lstrip("-"), "lt" if column.startswith("-") else "gt"
    later = Q(**{f"{name}__{beyond}": value})
    if len(columns) == 1:
        return later
    return Q(**{f"{name}__{beyond}e": value}) & (later | (Q(**{name: value}) & _behind(columns[1:], values[1:])))


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _value(column: str, text: str) -> Any:
    if column.lstrip("-") in {"id", "priority"}:
        return whole(text)
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None  # the databases ask for it, and it may be out of range
    except (ValueError, OverflowError):
        return None
