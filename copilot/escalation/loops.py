"""Which teams have had a ticket before, so that it is not sent round in circles. Reads only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tickets.models import Team, Ticket, TicketEvent

MANY = 3  # moves by people, from which a ticket goes round


@dataclass(frozen=True)
class Move:
    """Teams by name; `was_id`: of the one that had it, None in events from before it was stored."""

    was: str
    now: str
    at: datetime
    was_id: int | None = None


def moves(ticket: Ticket) -> list[Move]:
    """From team to team by people, the oldest first."""
    events = ticket.events.filter(kind=TicketEvent.Kind.TRANSFERRED).exclude(actor=None).order_by("pk")
    return standing(events.values_list("data", "at"))


def standing(events: Iterable[tuple[Mapping[str, Any], datetime]]) -> list[Move]:
    """Data and time of a ticket's transfers by people, without those that were undone."""
    found: list[Move] = []
    for data, at in events:
        if not data.get("undone"):
            found.append(Move(data.get("was", ""), data.get("now", ""), at, data.get("was_id")))
        elif found:
            found.pop()
    return found


def had(team: Team, found: Sequence[Move]) -> datetime | None:
    """When the ticket last went from this team to another one. A team may have another name by now."""
    return next((each.at for each in reversed(found) if _was(each, team)), None)


def _was(move: Move, team: Team) -> bool:
    return move.was_id == team.pk if move.was_id else bool(move.was) and move.was == team.name
