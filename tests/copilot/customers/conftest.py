"""A customer with other tickets, of which something is kept or not."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from copilot import llm
from copilot.llm.health import Health
from copilot.models import Escalation, ThreadSummary, Triage
from copilot.summaries import thread
from tests import cast
from tests.fakes import FakeModel
from tickets.models import Message, Ticket

NOW = timezone.now()
INVOICE = "The invoice of May is missing. Where do I find it?"


def days(count: float) -> timedelta:
    return timedelta(days=count)


def earlier_ticket(subject: str = "Invoice of May", text: str = INVOICE, ago: float = 10, **fields: Any) -> Ticket:
    """Of the customer of the ticket that is open, closed unless said otherwise; `ago`: days."""
    at = NOW - days(ago)
    given = {"status": "closed", "created_at": at, "waiting_since": at} | fields
    closed = {"closed_at": at} if given["status"] == "closed" else {}
    return cast.new_ticket(given.pop("customer", None), subject, text, **given, **closed)


def keep(ticket: Ticket, *lines: dict[str, Any], **fields: Any) -> ThreadSummary:
    """A finished summary up to the newest message that is there, made without a model call."""
    newest = ticket.messages.latest("pk")
    stored = [{"about": "asked", "messages": [newest.pk], "written": True} | line for line in lines]
    given = {"upto": newest, "messages": thread.newest(ticket).messages, "lines": stored, "finished_at": NOW}
    return ThreadSummary.objects.create(ticket=ticket, **given | fields)


def escalated(ticket: Ticket, **fields: Any) -> Escalation:
    note = Message.objects.create(ticket=ticket, kind="note", text="To Billing", author=cast.mira())
    given = {"ticket": ticket, "note": note, "by": cast.mira(), "reason": "other", "due_at": NOW} | fields
    return Escalation.objects.create(**given)


def sounds(ticket: Ticket, sentiment: str, ago: float, *, corrected: bool = False) -> None:
    message = ticket.messages.create(kind="customer", text="And?", created_at=NOW - days(ago))
    Triage.objects.create(message=message, sentiment=sentiment, corrected=["sentiment"] if corrected else ["urgency"])


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> FakeModel:
    """It is ready, and what it writes is word for word in the message, so that nobody is asked about it."""
    ready = FakeModel(answer="ASKED: Where do I find the invoice of May? [1]")
    monkeypatch.setattr(llm, "HttpModel", lambda: ready)
    monkeypatch.setattr(llm, "health", lambda timeout=1.5: Health("ready", "Model ready"))
    return ready


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llm, "health", lambda timeout=1.5: Health("down", "The model is not running."))
