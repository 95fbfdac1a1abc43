"""Closed tickets, with vectors in memory that tell how many words two texts have in common."""

from typing import Any

import pytest
from django.core.cache import cache

from copilot.models import SolvedTicket
from copilot.similar import indexing, walking
from tests import cast
from tests.copilot.summaries.conftest import say
from tests.knowledge.fakes import MemoryStore
from tickets import lifecycle
from tickets.models import Customer, Ticket

ASKED = "My export stops at ten thousand rows and the file ends in the middle."
ALIKE = "Our export stops at ten thousand rows, and the file ends in the middle."
OTHER = "Please tell me where invoices from last year can be downloaded by our accountant."
ANSWER = "Hi Tomas,\n\nPlease switch on streaming under Settings › Export and start the export again.\n\nBest\nMira"
TOLD = "Please switch on streaming under Settings › Export and start the export again."


@pytest.fixture(autouse=True)
def store(settings: Any, monkeypatch: pytest.MonkeyPatch) -> MemoryStore:
    settings.EMBEDDING_MODEL = "fake"
    memory = MemoryStore()
    monkeypatch.setattr(indexing, "store_of", lambda embedder: memory)
    cache.clear()
    return memory


def closed(
    text: str = ASKED, *answers: str, subject: str = "Export", customer: Customer | None = None, **fields: Any
) -> Ticket:
    """A closed ticket. `answers`: our replies; ANSWER if there are none."""
    ticket = cast.new_ticket(customer, subject, text, **fields)
    for answer in answers or (ANSWER,):
        say(ticket, "reply", answer)
    return close(ticket)


def close(ticket: Ticket) -> Ticket:
    lifecycle.set_status(ticket, Ticket.Status.CLOSED, cast.mira())
    ticket.refresh_from_db()
    return ticket


def reopen(ticket: Ticket) -> Ticket:
    lifecycle.set_status(ticket, Ticket.Status.OPEN, cast.mira())
    ticket.refresh_from_db()
    return ticket


def row_of(ticket: Ticket) -> SolvedTicket:
    return SolvedTicket.objects.get(ticket=ticket)


def kept(*tickets: Ticket) -> None:
    """What the minute's job does, until nothing is left."""
    while walking.keep().left:
        pass
