"""Stores the route of a message, and gives its ticket the team and the priority that follow. The only writer of Route.

Whatever a person decided stays: a ticket that has a team or an assignee keeps them, and a priority that somebody set.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from copilot.models import Route, RoutingRules
from copilot.routing.deciding import Routed
from copilot.routing.rules import Handling
from tickets import assignment, lifecycle, live, timeline
from tickets.models import Message, Team, Ticket, TicketEvent

SHOWN = ("rule", "limit", "signal", "category", "tier", "urgency", "confidence", "least", "row", "column")  # no words
Kind = TicketEvent.Kind


def record(message: Message, routed: Routed) -> Route:
    """Safe to run twice."""
    team = Team.objects.filter(pk=routed.team).first() if routed.team else None
    with transaction.atomic():
        there = Route.objects.select_for_update().filter(message=message).first()
        route = there or Route(message=message)
        was = _told(route)
        _say(route, routed, team)
        route.save()
        if message.ticket.status != Ticket.Status.CLOSED:
            if was != _told(route):
                _tell(route, message.ticket)
            _move(message.ticket, route, team)
    return route


def _say(route: Route, routed: Routed, team: Team | None) -> None:
    said: dict[str, Any] = {"handling": routed.handling, "may": routed.may, "because": dict(routed.because)}
    rules = RoutingRules.objects.filter(pk=routed.number).first() if routed.number else None
    for name, value in {**said, "team": team, "rules": rules, "made_at": timezone.now()}.items():
        setattr(route, name, value)


def _told(route: Route) -> tuple[Any, ...]:
    return (route.handling, route.may, route.because.get("rule"), route.because.get("signal"))


def _tell(route: Route, ticket: Ticket) -> None:
    seen = {name: route.because[name] for name in SHOWN if name in route.because}
    timeline.record(ticket, Kind.ROUTED, handling=route.handling, may=route.may, **seen)
    live.ticket_changed(ticket.pk, "timeline", "triage")


def _move(ticket: Ticket, route: Route, team: Team | None) -> None:
    if team is not None:
        assignment.to_team(ticket, team)
    by_person = ticket.events.filter(kind=Kind.PRIORITY).exclude(actor=None)
    if route.handling == Handling.HUMAN_NOW and ticket.priority < Ticket.Priority.HIGH and not by_person.exists():
        lifecycle.set_priority(ticket, Ticket.Priority.HIGH)
