"""The queue: its views with their counts, and pages of rows. Reads only."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.numbers import whole
from tickets import preparation
from tickets.models import Ticket, TicketQuerySet, User
from tickets.search import search_tickets

PAGE = 50
MOST = 200  # rows that one request may fetch again after a live update
SEARCH_LIMIT = 100
OPEN = Q(status=Ticket.Status.OPEN)


@dataclass(frozen=True)
class View:
    """A view of the queue. `newest`: the newest ticket first; all others are in the order of work."""

    key: str
    label: str | Promise
    where: Callable[[User], Q]
    empty: str | Promise  # what the page says if there is no ticket
    counted: bool = True
    newest: bool = False


VIEWS = {
    view.key: view
    for view in (
        View(
            "mine",
            _("Mine"),
            lambda user: OPEN & Q(assignee=user),
            _("No open ticket is assigned to you. The view Open has the unassigned ones."),
        ),
        View(
            "team",
            _("Team"),
            lambda user: OPEN & Q(assignee=None, team__in=user.teams.values("pk")),
            _("Your team has no unassigned open tickets."),
        ),
        View("open", _("Open"), lambda user: OPEN, _("No open tickets. No customer waits for a reply.")),
        View("urgent", _("Urgent"), lambda user: OPEN & Q(priority=Ticket.Priority.URGENT), _("No urgent tickets.")),
        View(
            "drafted",
            _("Drafts"),
            lambda user: OPEN & Q(preparation=Ticket.Preparation.READY),
            _("No draft is waiting. New messages get one when they arrive."),
        ),
        View(
            "by_hand",
            _("By hand"),
            lambda user: OPEN & Q(preparation=Ticket.Preparation.BY_RULE),
            _("No ticket has to be answered without a draft."),
        ),
        View(
            "escalated",
            _("Escalated"),
            lambda user: OPEN & Q(handoff_due_at__isnull=False),
            _("Every escalated ticket has been taken."),
        ),
        View("unassigned", _("Unassigned"), lambda user: OPEN & Q(assignee=None), _("Every open ticket is assigned.")),
        View(
            "pending",
            _("Waiting for customer"),
            lambda user: Q(status=Ticket.Status.PENDING),
            _("No ticket waits for a customer."),
        ),
        View(
            "closed",
            _("Closed"),
            lambda user: Q(status=Ticket.Status.CLOSED),
            _("No ticket is closed yet."),
            counted=False,
            newest=True,
        ),
        View("all", _("All"), lambda user: Q(), _("No tickets yet."), counted=False, newest=True),
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
    """The view asked for; all tickets for a search; else Mine if there are any, else Open."""
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
    """Rows after this one in the order -priority, waiting_since, id."""
    later = Q(waiting_since__gt=since) | Q(waiting_since=since, pk__gt=ticket_id)
    return Q(priority__lte=priority) & (Q(priority__lt=priority) | later)


def _cursor(ticket: Ticket) -> str:
    return f"{ticket.priority}~{ticket.waiting_since.isoformat()}~{ticket.pk}"


def _parse(after: str) -> tuple[int, datetime, int] | None:
    """None, which starts at the top, for a cursor that makes no sense."""
    try:
        priority, since, ticket_id = after.replace(" ", "+").split("~")
        moment, level, number = datetime.fromisoformat(since), whole(priority, 99), whole(ticket_id)
        return None if moment.tzinfo is None or level is None or number is None else (level, moment, number)
    except ValueError:
        return None
