"""Threads as they are after reading, a model that writes what it is told, and tickets with a conversation."""

import re
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from copilot.models import ThreadSummary
from copilot.summaries.quoted import About, Line
from copilot.summaries.summarising import summarise
from copilot.summaries.thread import Said, Thread, in_sentences
from tests import cast
from tests.fakes import FakeModel
from tickets.models import Message, OutgoingMail, Ticket

BY: dict[str, Any] = {"c": "customer", "a": "agent", "n": "note"}
ASKED, TRIED, FAILED = About.ASKED, About.TRIED, About.FAILED
# Parts: asked, tried, failed.
EXPORT = (
    "c: I need all invoices of 2025 as PDF, but the export button is greyed out. How do I get them?",
    "a: Please open Billing › Invoices, choose the year 2025 and select Export all.",
    "c: I ticked all 14 invoices and the button is still grey. Can somebody send them to me?",
)


def thread(*messages: str, language: str = "en") -> Thread:
    """Each message begins with c:, a: or n: and has its place for an id."""
    said = [Said(at, BY[text[0]], text[2:].strip()) for at, text in enumerate(messages, start=1)]
    return Thread(len(messages) or None, in_sentences(said), language)


def summed_up(given: Thread, *answer: str, row: ThreadSummary | None = None, **model: Any) -> list[Line]:
    return written_by(FakeModel(answer="\n".join(answer), **model), given, row)


def written_by(model: FakeModel, given: Thread, row: ThreadSummary | None = None) -> list[Line]:
    async def collect() -> list[Line]:
        return [line async for line in summarise(given, model, row)]

    return async_to_sync(collect)()


def texts(lines: list[Line], about: About) -> list[str]:
    return [line.text for line in lines if line.about == about]


def in_own_words(lines: list[Line], given: Thread) -> bool:
    """Does every line consist of sentences of the thread?"""
    known = {each.text for each in given.sentences}
    cut = [part for line in lines for part in re.split(r" … ", line.text)]
    return all(any(part == text or text in part for text in known) for part in cut)


def say(ticket: Ticket, kind: str, text: str, **fields: Any) -> Message:
    """A message a minute after the one before; `state`: of the mail of a reply."""
    state = fields.pop("state", OutgoingMail.State.SENT)
    ours = {} if kind == Message.Kind.CUSTOMER else {"author": cast.mira()}
    at = timezone.now() + timedelta(minutes=ticket.messages.count())
    message = Message.objects.create(ticket=ticket, kind=kind, text=text, created_at=at, **ours, **fields)
    if kind == Message.Kind.REPLY:
        OutgoingMail.objects.create(message=message, subject="Re", send_after=timezone.now(), state=state)
    return message


@pytest.fixture
def conversation(ticket: Ticket) -> Ticket:
    say(ticket, "reply", "Hi Tomas,\n\nOne of the two is only reserved. It disappears within 5 days.\n\nBest\nMira")
    say(ticket, "customer", "Hello Mira,\n\nboth are still there after 12 days.\n\nKind regards\nTomas Okafor")
    return ticket
