"""Nothing is lost: what a dead process or a missing model left undone is done later."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from copilot import draft_states, llm, tasks
from copilot.models import Draft
from tests.cast import new_ticket
from tests.fakes import FakeModel
from tickets import lifecycle, outbox, signals
from tickets.models import Message, Ticket, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Jobs put into the queue instead of being run."""
    jobs: list[tuple[str, int]] = []
    monkeypatch.setattr(tasks, "enqueue", lambda job, object_id: jobs.append((job, object_id)))
    return jobs


@pytest.fixture
def model_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llm, "health", lambda timeout=1.5: llm.Health("ready", "model ready"))


@pytest.fixture
def model_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llm, "health", lambda timeout=1.5: llm.Health("down", "The model is not running."))


def draft_of(ticket: Ticket, **fields: Any) -> Draft:
    return Draft.objects.create(ticket=ticket, message=ticket.messages.get(), **fields)


def test_a_message_gets_its_draft_in_the_background(
    ticket: Ticket, searched: list[str], model: FakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llm, "HttpModel", lambda: model)
    tasks.prepare_message(ticket.messages.get().pk)
    draft = ticket.drafts.get()
    assert (draft.state, draft.origin) == (Draft.State.READY, Draft.Origin.ARRIVAL)
    assert model.asked[0][2] == "background"


def test_the_same_job_twice_writes_one_draft(
    ticket: Ticket, searched: list[str], model: FakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llm, "HttpModel", lambda: model)
    for _ in range(2):
        tasks.prepare_message(ticket.messages.get().pk)
    assert ticket.drafts.count() == 1
    assert len(model.asked) == 1


def test_a_ticket_without_a_draft_is_found(ticket: Ticket, queued: list[tuple[str, int]], model_ready: None) -> None:
    assert tasks.catch_up() == "caught up"
    assert queued == [("prepare_message", ticket.messages.get().pk)]


def test_an_answered_ticket_needs_no_draft(
    ticket: Ticket, mira: Any, queued: list[tuple[str, int]], model_ready: None
) -> None:
    Message.objects.create(ticket=ticket, kind=Message.Kind.REPLY, author=mira, text="Done.")
    assert tasks.catch_up() == "nothing to do"
    assert queued == []


def test_without_a_model_nothing_is_queued(ticket: Ticket, queued: list[tuple[str, int]], model_down: None) -> None:
    assert tasks.catch_up() == "no model"
    assert queued == []


def test_a_draft_left_by_a_dead_process_is_written_again(
    ticket: Ticket, queued: list[tuple[str, int]], model_ready: None
) -> None:
    draft = draft_of(
        ticket,
        state=Draft.State.WRITING,
        attempts=1,
        lease_until=timezone.now() - timedelta(seconds=1),
        created_at=timezone.now() - timedelta(minutes=2),
    )
    tasks.catch_up()
    draft.refresh_from_db()
    assert draft.state == Draft.State.QUEUED
    assert ("write_draft", draft.pk) in queued


def test_a_draft_that_keeps_killing_its_writer_is_given_up(ticket: Ticket, model_ready: None) -> None:
    draft = draft_of(ticket, state=Draft.State.WRITING, attempts=3, lease_until=timezone.now() - timedelta(seconds=1))
    assert draft_states.recover(draft) == "failed"
    draft.refresh_from_db()
    assert draft.state == Draft.State.FAILED
    assert "3 times" in draft.error


def test_a_living_writer_is_left_alone(ticket: Ticket) -> None:
    draft = draft_of(ticket, state=Draft.State.WRITING, attempts=1, lease_until=timezone.now() + timedelta(seconds=9))
    assert draft_states.recover(draft) == "kept"


def test_drafts_delayed_by_a_missing_model_are_written_when_it_is_back(
    ticket: Ticket, queued: list[tuple[str, int]], model_ready: None
) -> None:
    draft = draft_of(ticket, state=Draft.State.FAILED, retryable=True, error="The model is not running.")
    tasks.catch_up()
    draft.refresh_from_db()
    assert draft.state == Draft.State.QUEUED
    assert ("write_draft", draft.pk) in queued


def test_a_newer_message_outdates_the_draft_and_asks_for_a_new_one(
    ticket: Ticket, queued: list[tuple[str, int]]
) -> None:
    old = draft_of(ticket, state=Draft.State.READY, text="Old.")
    newer = Message.objects.create(ticket=ticket, kind=Message.Kind.CUSTOMER, text="One more thing")
    signals.message_received.send(Message, message_id=newer.pk, ticket_id=ticket.pk)
    old.refresh_from_db()
    assert old.outdated
    assert queued == [("prepare_message", newer.pk)]


def test_a_newer_message_stops_the_draft_being_written(ticket: Ticket, queued: list[tuple[str, int]]) -> None:
    writing = draft_of(ticket, state=Draft.State.WRITING, lease_until=timezone.now() + timedelta(seconds=9))
    newer = Message.objects.create(ticket=ticket, kind=Message.Kind.CUSTOMER, text="One more thing")
    signals.message_received.send(Message, message_id=newer.pk, ticket_id=ticket.pk)
    writing.refresh_from_db()
    assert writing.state == Draft.State.STOPPED


def test_a_broken_broker_never_breaks_the_intake(
    monkeypatch: pytest.MonkeyPatch, on_commit: Callable[..., Any]
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr("django_q.tasks.async_task", broken)
    ticket = new_ticket()
    with on_commit():
        tasks.enqueue("prepare_message", ticket.messages.get().pk)
    assert Message.objects.filter(ticket=ticket).exists()


class TestUndoing:
    """A draft that closing or sending ended is written after all when that is undone."""

    @pytest.fixture
    def writing(self, ticket: Ticket) -> Draft:
        return Draft.objects.create(ticket=ticket, message=ticket.messages.get(), state=Draft.State.WRITING, text="Hi")

    def test_closing(self, writing: Draft, mira: User, on_commit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        queued: list[Any] = []
        monkeypatch.setattr(tasks, "enqueue", lambda job, number: queued.append((job, number)))
        with on_commit():
            closing = lifecycle.close(writing.ticket, mira, [])
        writing.refresh_from_db()
        assert writing.state == "stopped"
        with on_commit():
            lifecycle.undo_close(writing.ticket, mira, closing)
        writing.refresh_from_db()
        assert (writing.state, writing.text, queued) == ("queued", "", [("write_draft", writing.pk)])
        assert Ticket.objects.get().preparation == "working"

    def test_what_a_person_stopped_before_stays_stopped(self, writing: Draft, mira: User, on_commit: Any) -> None:
        draft_states.stop(writing, mira)
        with on_commit():
            closing = lifecycle.close(writing.ticket, mira, [])
        with on_commit():
            lifecycle.undo_close(writing.ticket, mira, closing)
        writing.refresh_from_db()
        assert writing.state == "stopped"

    def test_sending(
        self, writing: Draft, mira: User, on_commit: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
    ) -> None:
        settings.UNDO_SEND_SECONDS = 60
        monkeypatch.setattr(tasks, "enqueue", lambda job, number: None)
        with on_commit():
            sent = outbox.write_reply(writing.ticket, mira, "My own words.", submission=None)
        writing.refresh_from_db()
        assert writing.state == "stopped"
        with on_commit():
            assert outbox.undo(sent.pk, mira)
        writing.refresh_from_db()
        assert writing.state == "queued"
