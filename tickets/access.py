"""Who may open which ticket. Fetching checks the permission: views, sockets and APIs get tickets only here."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from config.roles import Capability, may, roles_with
from config.web.access import require
from tickets.models import Ticket, TicketQuerySet, User


class AgentRequest(HttpRequest):
    """A request whose user is known to be a member of the team."""

    user: User


agent_required = require(Capability.WORK_TICKETS)
set_up_required = require(Capability.SET_UP)


def works_tickets(user: Any) -> bool:
    return may(user, Capability.WORK_TICKETS)


def may_set_up(user: Any) -> bool:
    """Members, teams, tags, customers."""
    return may(user, Capability.SET_UP)


def visible_tickets(user: User) -> TicketQuerySet:
    """Every ticket this user may open. Agents work one shared queue."""
    return Ticket.objects.all() if works_tickets(user) else Ticket.objects.none()


def get_ticket(user: User, ticket_id: int) -> Ticket:
    """The ticket, or 404: without permission not even its existence is shown."""
    found = visible_tickets(user).select_related("customer", "assignee", "team").filter(pk=ticket_id).first()
    if found is None:
        raise Http404
    return found


def assignable_members() -> "QuerySet[User]":
    """Members to whom a ticket can be assigned."""
    roles = roles_with(Capability.WORK_TICKETS)
    return User.objects.filter(is_active=True, role__in=roles).order_by("first_name", "username")
