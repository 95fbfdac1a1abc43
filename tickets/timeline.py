"""The only writer of TicketEvent."""

from typing import Any

from tickets.models import Ticket, TicketEvent, User


def record(ticket: Ticket, kind: TicketEvent.Kind, actor: User | None = None, **data: Any) -> TicketEvent:
    """Append one line. `data` is JSON-able and holds no message content."""
    return TicketEvent.objects.create(ticket=ticket, kind=kind, actor=actor, data=data)
