"""The only writer of TicketEvent. Also finds the latest move, to notice that a ticket has changed since."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any
from uuid import UUID

from tickets.models import Ticket, TicketEvent, User

MOVES = frozenset({TicketEvent.Kind.STATUS, TicketEvent.Kind.ASSIGNED, TicketEvent.Kind.TRANSFERRED})
_added: ContextVar[Mapping[str, Any]] = ContextVar("added", default=MappingProxyType({}))  # to what is recorded


def record(ticket: Ticket, kind: TicketEvent.Kind, actor: User | None = None, **data: Any) -> TicketEvent:
    """Append one event. `data` must fit into JSON and has no message content."""
    return TicketEvent.objects.create(ticket=ticket, kind=kind, actor=actor, data=data | dict(_added.get()))


@contextmanager
def undoing(event: TicketEvent) -> Iterator[None]:
    """What is recorded meanwhile undoes this event, and says so."""
    with _adding(undoes=event.pk):
        yield


@contextmanager
def submitted(submission: UUID) -> Iterator[None]:
    """What is recorded meanwhile belongs to this submission of a member, and says so."""
    with _adding(submission=str(submission)):
        yield


@contextmanager
def _adding(**data: Any) -> Iterator[None]:
    before = _added.set({**_added.get(), **data})
    try:
        yield
    finally:
        _added.reset(before)


def of_submission(submission: UUID, actor: User, tickets: Iterable[int]) -> Mapping[int, list[int]]:
    """Events that `actor` has submitted already, by ticket."""
    found: dict[int, list[int]] = defaultdict(list)
    events = TicketEvent.objects.filter(ticket__in=tickets, actor=actor, data__submission=str(submission))
    for ticket, event in events.order_by("pk").values_list("ticket_id", "pk"):
        found[ticket].append(event)
    return dict(found)


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
