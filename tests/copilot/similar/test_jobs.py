"""The jobs around it: at a closing, and once a minute."""

from typing import Any

import pytest

from config.background import schedules
from config.jobs import SLOW
from copilot import receivers, tasks
from copilot.models import SolvedTicket
from copilot.similar.finding import similar
from tests import cast
from tests.copilot.similar.conftest import ALIKE, closed
from tests.knowledge.fakes import MemoryStore
from tickets.models import User

pytestmark = pytest.mark.django_db


def test_closing_a_ticket_queues_its_reading(
    mira: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    queued: list[tuple[str, int, str]] = []
    monkeypatch.setattr(receivers, "queue", lambda job, *ids, lane: queued.append((job, *ids, lane)))
    with django_capture_on_commit_callbacks(execute=True):
        ticket = closed()
    assert ("copilot.tasks.remember_solved", ticket.pk, SLOW) in queued


def test_then_it_is_found(mira: User, store: MemoryStore) -> None:
    ticket, asking = closed(), cast.new_ticket(cast.lena(), "Export", ALIKE)
    assert tasks.remember_solved(ticket.pk) == "read, 1 stored, 0 removed"
    assert [hit.ticket_id for hit in similar(asking, mira).hits] == [ticket.pk]


def test_twice_makes_nothing_twice(mira: User, store: MemoryStore) -> None:
    ticket = closed()
    tasks.remember_solved(ticket.pk)
    assert tasks.remember_solved(ticket.pk) == "was read, 0 stored, 0 removed"
    assert store.calls.count("upsert") == 1 and SolvedTicket.objects.count() == 1


def test_of_a_ticket_that_is_gone_or_open_again_nothing_is_made(mira: User, store: MemoryStore, ticket: Any) -> None:
    assert tasks.remember_solved(987654) == tasks.remember_solved(ticket.pk) == "was read, 0 stored, 0 removed"
    assert not SolvedTicket.objects.exists() and not store.entries


def test_while_chroma_is_down_the_vector_waits(mira: User, store: MemoryStore) -> None:
    ticket, store.fail_after = closed(), 0
    assert tasks.remember_solved(ticket.pk) == "waits: Chroma does not answer at http://fake."
    assert tasks.keep_solved() == "waits: Chroma does not answer at http://fake."
    store.fail_after = None
    assert tasks.keep_solved() == "0 read, 1 stored, 0 removed"


def test_the_walk_runs_every_minute_where_nobody_waits() -> None:
    assert ("copilot.tasks.keep_solved", 1, SLOW) in schedules.EVERY.values()
