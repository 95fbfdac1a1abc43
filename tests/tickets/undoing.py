"""Undo with the events that a change answered with."""

from collections.abc import Iterable
from datetime import UTC, datetime

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tickets.changes.undo import Outcome, undo
from tickets.models import Ticket, TicketEvent, User

SINCE = datetime(2026, 3, 2, 9, tzinfo=UTC)  # the ticket waits (tests/tickets/changes/conftest.py)
DUE = datetime(2026, 3, 2, 11, tzinfo=UTC)


def now() -> Ticket:
    return Ticket.objects.get()


def tags() -> set[str]:
    return set(now().tags.values_list("name", flat=True))


def undo_events(events: Iterable[TicketEvent | None], actor: User) -> Outcome:
    return undo(Ticket.objects.all(), [event.pk for event in events if event], actor)


def post_undo(user: User, events: Iterable[int]) -> HttpResponse:
    """As the page does it."""
    client = Client()
    client.force_login(user)
    return client.post(reverse("tickets:undo"), {"events": ",".join(map(str, events))})
