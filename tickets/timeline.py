"""The only writer of TicketEvent. Also finds the latest move, to notice that a ticket has changed since."""

from collections.abc import Collection
from typing import Any

from tickets.models import Ticket, TicketEvent, User

MOVES = frozenset({TicketEvent.Kind.STATUS, TicketEvent.Kind.ASSIGNED, TicketEvent.Kind.TRANSFERRED})


def record(ticket: Ticket, kind: TicketEvent.Kind, actor: User | None = None, **data: Any) -> TicketEvent:
    """Append one event. `data` must fit into JSON and has no message content."""
    return TicketEvent.objects.create(ticket=ticket, kind=kind, actor=actor, data=data)


def last_move(ticket: Ticket, kinds: Collection[str] = MOVES) -> TicketEvent | None:
    """The latest event of these kinds. If it is the one known before, and the ticket is locked, nobody has moved it."""
    found = TicketEvent.objects.filter(ticket=ticket, kind__in=kinds).select_related("actor")
    return found.order_by("-pk").first()
