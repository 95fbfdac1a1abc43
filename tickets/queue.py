"""The queue: its views with their counts, and one page of rows at a time. Reads only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from config.numbers import whole
from tickets import preparation
from tickets.models import Ticket, TicketQuerySet, User
from tickets.search import search_tickets

PAGE = 50
MOST = 200  # rows one request may ask for again after a live update
SEARCH_LIMIT = 100
OPEN = Q(status=Ticket.Status.OPEN)


@dataclass(frozen=True)
class View:
    """A saved view. `newest` ones are read back in time, all others are worked from the top."""

    key: str
    label: str
    where: Callable[[User], Q]
    empty: str
    counted: bool = True
    newest: bool = False


VIEWS = {
    view.key: view
    for view in (
        View(
            "mine",
            "Mine",
            lambda user: OPEN & Q(assignee=user),
            "Nothing waits for you. Open has what nobody took yet.",
        ),
        View(
            "team",
            "Team",
            lambda user: OPEN & Q(assignee=None, team__in=user.teams.values("pk")),
            "Nothing waits for your team that nobody has taken.",
        ),
        View("open", "Open", lambda user: OPEN, "No customer waits for us."),
        View("urgent", "Urgent", lambda user: OPEN & Q(priority=Ticket.Priority.URGENT), "Nothing is urgent."),
        View(
            "drafted",
            "Drafted",
            lambda user: OPEN & Q(preparation=Ticket.Preparation.READY),
            "No draft waits to be read. New mail gets one on arrival.",
        ),
        View("unassigned", "Unassigned", lambda user: OPEN & Q(assignee=None), "Every open ticket has somebody."),
        View(
            "pending",
            "Waiting for customer",
            lambda user: Q(status=Ticket.Status.PENDING),
            "No ticket waits for its customer.",
        ),
        View(
            "closed",
            "Closed",
            lambda user: Q(status=Ticket.Status.CLOSED),
            "Nothing is closed yet.",
            counted=False,
            newest=True,
        ),
        View("all", "All", lambda user: Q(), "No ticket has arrived yet.", counted=False, newest=True),
    )
}


@dataclass(frozen=True)
class Page:
    tickets: list[Ticket]
    after: str = ""  # cursor of the next page; empty at the end


def counts(user: User) -> dict[str, int]:
    """How many tickets each counted view holds, in one query over what is not closed."""
    wanted = {view.key: Count("pk", filter=view.where(user)) for view in VIEWS.values() if view.counted}
    return Ticket.objects.unclosed().aggregate(**wanted)


def chosen_view(key: str, query: str, found: dict[str, int]) -> View:
    """The view asked for; a search looks everywhere; else one's own work, else what is open."""
    if key in VIEWS:
        return VIEWS[key]
    if query:
        return VIEWS["all"]
    return VIEWS["mine" if found["mine"] else "open"]


def page(
    tickets: TicketQuerySet, user: User, view: View, *, query: str = "", after: str = "", size: int = PAGE
) -> Page:
    if query:
        return _search(tickets.filter(view.where(user)), query)
    rows = tickets.filter(view.where(user)).for_queue()
    if view.newest:
        rows = rows.order_by("-id")
    cursor = _parse(after)
    if cursor is not None:
        rows = rows.filter(pk__lt=cursor[2]) if view.newest else rows.filter(_behind(*cursor))
    found = list(rows[: size + 1])
    preparation.settle(found)
    return Page(found[:size], _cursor(found[size - 1]) if len(found) > size else "")


def _search(tickets: TicketQuerySet, query: str) -> Page:
    ids = search_tickets(query, SEARCH_LIMIT)
    rank = {ticket_id: place for place, ticket_id in enumerate(ids)}
    found = sorted(tickets.filter(pk__in=ids).for_queue(), key=lambda ticket: rank[ticket.pk])
    preparation.settle(found)
    return Page(found)


def _behind(priority: int, since: datetime, ticket_id: int) -> Q:
    """Rows behind this place in the order -priority, waiting_since, id."""
    later = Q(waiting_since__gt=since) | Q(waiting_since=since, pk__gt=ticket_id)
    return Q(priority__lte=priority) & (Q(priority__lt=priority) | later)


def _cursor(ticket: Ticket) -> str:
    return f"{ticket.priority}~{ticket.waiting_since.isoformat()}~{ticket.pk}"


def _parse(after: str) -> tuple[int, datetime, int] | None:
    """A cursor that cannot be read starts at the top."""
    try:
        priority, since, ticket_id = after.replace(" ", "+").split("~")
        moment, level, number = datetime.fromisoformat(since), whole(priority, 99), whole(ticket_id)
        return None if moment.tzinfo is None or level is None or number is None else (level, moment, number)
    except ValueError:
        return None
