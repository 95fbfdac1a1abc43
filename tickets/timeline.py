"""The only writer of TicketEvent, and the proof that nobody has moved a ticket since."""

from collections.abc import Collection
from typing import Any

from tickets.models import Ticket, TicketEvent, User

MOVES = frozenset({TicketEvent.Kind.STATUS, TicketEvent.Kind.ASSIGNED, TicketEvent.Kind.HANDED_OVER})


def record(ticket: Ticket, kind: TicketEvent.Kind, actor: User | None = None, **data: Any) -> TicketEvent:
    """Append one line. `data` is JSON-able and holds no message content."""
    return TicketEvent.objects.create(ticket=ticket, kind=kind, actor=actor, data=data)


def last_move(ticket: Ticket, kinds: Collection[str] = MOVES) -> TicketEvent | None:
    """The latest line of these kinds. Who holds the ticket and finds the line he knows was alone meanwhile."""
    found = TicketEvent.objects.filter(ticket=ticket, kind__in=kinds).select_related("actor")
    return found.order_by("-pk").first()
