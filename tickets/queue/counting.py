"""How many tickets pass each of several filters: in one query, and never counted further than it is shown."""

import time
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections

from tickets.models import TicketQuerySet
from tickets.queue.fields import Asked
from tickets.queue.filters import Filters

SECONDS = 2.0  # for the numbers of all views
MOST = 1000  # shown as "999+": so the price does not grow with the tickets


def counts(tickets: TicketQuerySet, by_key: Mapping[str, Filters], asked: Asked) -> dict[str, int]:
    selects: list[tuple[str, str]] = []
    parameters: list[Any] = []
    for key, filters in by_key.items():
        try:
            rows = tickets.filter(filters.where(asked)).order_by().values("pk")[:MOST].query
            sql, values = rows.get_compiler(using=tickets.db).as_sql()
        except EmptyResultSet:
            continue
        selects.append((key, f"(SELECT COUNT(*) FROM ({sql}) c{len(selects)})"))  # noqa: S608 - Django's own SQL
        parameters += values
    found = dict.fromkeys(by_key, 0)
    if not selects:
        return found
    with connections[tickets.db].cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(select for _, select in selects), parameters)
        return found | dict(zip((key for key, _ in selects), cursor.fetchone(), strict=True))


def some_counts(tickets: TicketQuerySet, by_key: Mapping[str, Filters], asked: Asked) -> dict[str, int]:
    """Those that come first in SECONDS. Each by itself: a saved view that takes long costs only those behind it."""
    found: dict[str, int] = {}
    until = time.monotonic() + SECONDS
    for key, filters in by_key.items():
        found[key] = count(tickets, filters, asked)
        if time.monotonic() > until:
            break
    return found


def count(tickets: TicketQuerySet, filters: Filters, asked: Asked) -> int:
    return counts(tickets, {"": filters}, asked)[""]


def shown(count: int) -> str:
    return f"{MOST - 1}+" if count >= MOST else str(count)
