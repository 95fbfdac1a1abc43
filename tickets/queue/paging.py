"""What an address of the queue asks for, and the page of rows that answers it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from config.numbers import whole
from tickets import preparation
from tickets.models import Ticket, TicketQuerySet
from tickets.queue import filters
from tickets.queue.fields import NOT, Asked
from tickets.queue.filters import Filters
from tickets.queue.orders import BETWEEN, ORDERS, Order
from tickets.queue.views import DESK, View
from tickets.search import find, marking
from tickets.search.finding import Found
from tickets.search.query import number
from tickets.starting import unwritten

PAGE = 50
MOST = 200  # rows that one request may fetch again after a live update
BEST = 1000  # tickets of a search that one can page through, and of a list that one can select at once
MATCH = "match"  # the order of a search, in its cursor
LONGEST_QUERY = 200
PAGE_OF = "."  # between the fingerprint of a list and the place in it


@dataclass(frozen=True)
class Wanted:
    """`view` is where one came from; `filters` and `order` are its own unless the address says others."""

    view: View
    filters: Filters
    order: Order
    query: str = ""
    gone: bool = False  # the address names a view that is not there, or not for this member

    @property
    def filtered(self) -> bool:
        """Otherwise than the view says."""
        return not self.filters.same_as(self.view.filters)

    @property
    def is_view(self) -> bool:
        """Is it still this view that is shown? Of those that ship, not if the address drops one of its conditions; one
        that was saved is being changed then."""
        return not self.query and (self.view.saved is not None or self.filters.within(self.view.filters))

    @property
    def changed(self) -> bool:
        return self.filtered or self.order != self.view.order

    def address(self, **changed: Any) -> str:
        """The parameters that lead back here; `changed`: with another query, order or other filters."""
        return replace(self, **changed).as_query()

    def as_query(self) -> str:
        pairs = [("view", self.view.key)]
        if self.query:
            pairs.append(("q", self.query))
        if self.filtered:
            pairs += self.filters.pairs() or [("any", "1")]
        if self.order != self.view.order:
            pairs.append(("sort", self.order.key))
        return urlencode(pairs, safe=NOT + filters.BETWEEN)

    @property
    def state(self) -> str:
        """What the view is now, as parameters: they differ once somebody has changed it."""
        view = self.view
        return urlencode([("name", str(view.label)), *view.filters.pairs(), ("sort", view.order.key)])

    @property
    def fingerprint(self) -> str:
        """Of the list: another one once its words, its filters or its order have been changed."""
        shown = urlencode([("q", self.query), *self.filters.pairs(), ("sort", self.order.key)])
        return hashlib.sha256(shown.encode()).hexdigest()[:8]

    def cursor(self, place: str) -> str:
        """For the address of the next page, which begins behind `place`."""
        return f"{self.fingerprint}{PAGE_OF}{place}"


@dataclass(frozen=True)
class Page:
    """`after`: the cursor of the next page, empty at the end. `stale`: the cursor given was of another list.

    Of a search: `found` tickets in all, of which there may be more if not `whole`; `number` is that of the ticket that
    was asked for by it; `replaced` are words with a typo and what was searched instead. Its tickets have `marks`.
    """

    tickets: list[Ticket]
    after: str = ""
    stale: bool = False
    whole: bool = True
    found: int = 0
    number: int | None = None
    replaced: tuple[tuple[str, tuple[str, ...]], ...] = ()


def wanted(given: QueryDict, views: Mapping[str, View], has_own: bool) -> Wanted:
    """`has_own`: the member has open tickets, so the desk opens with these."""
    query = given.get("q", "").strip()[:LONGEST_QUERY]
    asked = filters.from_address(given)
    key, sort = given.get("view", ""), given.get("sort", "")
    view = views.get(key) or DESK["all" if query or asked.conditions else "mine" if has_own else "open"]
    own = Filters() if given.get("any") or asked.conditions else view.filters
    unknown = (*asked.unknown, *own.unknown, *([sort[:60]] if sort and sort not in ORDERS else []))
    chosen = Filters(asked.conditions or own.conditions, unknown)
    return Wanted(view, chosen, ORDERS.get(sort, view.order), query, gone=bool(key) and key not in views)


def page(tickets: TicketQuerySet, what: Wanted, asked: Asked, *, after: str = "", size: int = PAGE) -> Page:
    """The first rows, or those after a cursor."""
    of_list, _, cursor = after.partition(PAGE_OF)
    if of_list != what.fingerprint:  # its filters or its order have been changed meanwhile
        cursor = ""
    if what.query:
        return _searched(tickets, what, asked, cursor, size, stale=bool(after))
    behind = what.order.behind(cursor)
    rows = tickets if behind is None else tickets.filter(behind)
    found, places = _in_order(_each_status(rows, what.filters, asked), what.order, size)
    preparation.settle(found)
    unwritten.mark(found)
    end = what.cursor(what.order.cursor(places[size - 1])) if len(places) > size else ""
    return Page(found, end, stale=bool(after) and behind is None)


def _each_status(tickets: TicketQuerySet, chosen: Filters, asked: Asked) -> list[TicketQuerySet]:
    """One query for each status: the indexes that know the orders begin with it, and none serves several."""
    rest = tickets.filter(chosen.without("status", "status" + NOT).where(asked))
    return [rest.filter(status=status) for status in chosen.statuses()]


def _in_order(parts: list[TicketQuerySet], order: Order, size: int) -> tuple[list[Ticket], list[tuple[Any, ...]]]:
    """The first `size` tickets, and the places of one more, as they were when the rows were put in order: a ticket that
    somebody changes before it is read must not move the end of the page."""
    if len(parts) == 1:
        found = list(parts[0].for_queue().order_by(*order.columns)[: size + 1])
        return found[:size], [order.values(each) for each in found]
    places = _places(parts, order, size + 1)
    return _by_id([place[-1] for place in places[:size]]), places


def _places(parts: list[TicketQuerySet], order: Order, size: int) -> list[tuple[Any, ...]]:
    first = [row for part in parts for row in part.order_by(*order.columns).values_list(*order.names)[:size]]
    return order.merged(first)[:size]


def ids(tickets: TicketQuerySet, what: Wanted, asked: Asked) -> list[int]:
    """Of the list, in its order: one more than BEST at most."""
    if what.query:
        return hits(tickets, what, asked)[1].ids
    return [place[-1] for place in _places(_each_status(tickets, what.filters, asked), what.order, BEST + 1)]


def _by_id(ids: Sequence[int]) -> list[Ticket]:
    there = {ticket.pk: ticket for ticket in Ticket.objects.filter(pk__in=ids).for_queue()} if ids else {}
    return [there[pk] for pk in ids if pk in there]


def _searched(tickets: TicketQuerySet, what: Wanted, asked: Asked, cursor: str, size: int, stale: bool) -> Page:
    """The ids of the best are read for every page, because bm25 of all of them changes with each new ticket; where a
    page begins is found by the last ticket of the one before, else by its place."""
    own, found = hits(tickets, what, asked)
    ids = found.ids[:BEST]
    start = _behind(cursor, ids)
    rows = _by_id(ids[start or 0 :][:size])
    preparation.settle(rows)
    unwritten.mark(rows)
    marking.mark(rows, found.query)
    end = (start or 0) + size
    return Page(
        rows,
        what.cursor(BETWEEN.join([MATCH, str(end), str(ids[end - 1])])) if end < len(ids) else "",
        stale and start is None,
        len(found.ids) <= BEST,
        len(ids),
        own,
        found.replaced,
    )


def _behind(cursor: str, ids: Sequence[int]) -> int | None:
    """How many of the ids are before the page; None for no cursor of a search."""
    key, *values = cursor.split(BETWEEN)
    place, ticket = [whole(each) for each in values] if len(values) == 2 else (None, None)
    if key != MATCH or place is None or ticket is None:
        return None
    return ids.index(ticket) + 1 if ticket in ids else min(place, len(ids))


def hits(tickets: TicketQuerySet, what: Wanted, asked: Asked) -> tuple[int | None, Found]:
    """The tickets that pass the filters and have what is searched, best first, one more than BEST at most. A ticket
    whose number is the query comes before them, whether it passes the filters or not."""
    found = find(what.query, BEST + 1, among=tickets.filter(what.filters.where(asked)))
    own = number(what.query)
    if own is None or not tickets.filter(pk=own).exists():
        return None, found
    return own, replace(found, ids=[own, *(each for each in found.ids if each != own)])
