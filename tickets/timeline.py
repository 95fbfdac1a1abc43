"""The only writer of TicketEvent. Also finds the latest move, to notice that a ticket has changed since."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from tickets.models import Ticket, TicketEvent, User

MOVES = frozenset({TicketEvent.Kind.STATUS, TicketEvent.Kind.ASSIGNED, TicketEvent.Kind.TRANSFERRED})
_undone: ContextVar[int | None] = ContextVar("undone", default=None)


def record(ticket: Ticket, kind: TicketEvent.Kind, actor: User | None = None, **data: Any) -> TicketEvent:
    """Append one event. `data` must fit into JSON and has no message content."""
    undoes = _undone.get()
    if undoes is not None:
        data["undoes"] = undoes
    return TicketEvent.objects.create(ticket=ticket, kind=kind, actor=actor, data=data)


@contextmanager
def undoing(event: TicketEvent) -> Iterator[None]:
    """What is recorded meanwhile undoes this event, and says so."""
    before = _undone.set(event.pk)
    try:
        yield
    finally:
        _undone.reset(before)


def standing(events: Iterable[TicketEvent]) -> Iterator[TicketEvent]:
    """The newest first, as `events` are: those that were not undone and are no undo."""
    undone: set[int] = set()
    for event in events:
        if "undoes" in event.data:
            undone.add(event.data["undoes"])
        elif event.pk not in undone:
            yield event


def last_standing(ticket: Ticket, kinds: Collection[str]) -> TicketEvent | None:
    """The latest event of these kinds that was not undone and is no undo."""
    found = TicketEvent.objects.filter(ticket=ticket, kind__in=kinds).order_by("-pk")
    return next(standing(found.iterator(chunk_size=20)), None)


def undone(tickets: Collection[int]) -> set[int]:
    """Events that were undone, and those that undid them."""
    found = TicketEvent.objects.filter(ticket__in=tickets, data__has_key="undoes").values_list("pk", "data__undoes")
    return {number for pair in found for number in pair}


def last_move(ticket: Ticket, kinds: Collection[str] = MOVES) -> TicketEvent | None:
    """The latest event of these kinds. If it is the one known before, and the ticket is locked, nobody has moved it."""
    found = TicketEvent.objects.filter(ticket=ticket, kind__in=kinds).select_related("actor")
    return found.order_by("-pk").first()
