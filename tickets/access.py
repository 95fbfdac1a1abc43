"""Who may open what. Fetching is authorising: views, sockets and APIs get tickets only here."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase

from tickets.models import Ticket, TicketQuerySet, User

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


class AgentRequest(HttpRequest):
    """A request whose user is known to be a member of the team."""

    user: User


def require(allowed: Callable[[User], bool]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """View decorator: log in first; then 403 unless `allowed(user)`."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not allowed(request.user):  # type: ignore[arg-type]
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def may_set_up(user: Any) -> bool:
    """People, teams, tags, customers: admins alone."""
    return bool(user.is_active and (user.is_superuser or getattr(user, "role", "") == User.Role.ADMIN))


agent_required = require(lambda user: user.works_tickets)
lead_required = require(lambda user: user.leads)


def visible_tickets(user: User) -> TicketQuerySet:
    """Every ticket this user may open. Agents work one shared queue."""
    return Ticket.objects.all() if user.works_tickets else Ticket.objects.none()


def get_ticket(user: User, ticket_id: int) -> Ticket:
    """The ticket, or 404: who may not open it does not learn that it exists."""
    found = visible_tickets(user).select_related("customer", "assignee", "team").filter(pk=ticket_id).first()
    if found is None:
        raise Http404
    return found
