"""Which teams have had a ticket before, so that it is not sent round in circles. Reads only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tickets.models import Ticket, TicketEvent

MANY = 3  # moves by people, from which a ticket goes round


@dataclass(frozen=True)
class Move:
    """Teams by name, as the timeline has them."""

    was: str
    now: str
    at: datetime


def moves(ticket: Ticket) -> list[Move]:
    """From team to team by people, the oldest first."""
    events = ticket.events.filter(kind=TicketEvent.Kind.TRANSFERRED).exclude(actor=None).order_by("pk")
    return standing(events.values_list("data", "at"))


def standing(events: Iterable[tuple[Mapping[str, Any], datetime]]) -> list[Move]:
    """Data and time of a ticket's transfers by people, without those that were undone."""
    found: list[Move] = []
    for data, at in events:
        if not data.get("undone"):
            found.append(Move(data.get("was", ""), data.get("now", ""), at))
        elif found:
            found.pop()
    return found


def had_before(ticket: Ticket) -> dict[str, datetime]:
    """Name of a team -> when it last gave the ticket to another one."""
    return {each.was: each.at for each in moves(ticket) if each.was}
