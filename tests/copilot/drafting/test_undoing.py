"""Undo gives back the draft that closing or sending ended: it waits for the drafter again."""

from typing import Any

import pytest

from copilot import leases
from copilot.drafting import states
from copilot.models import Draft
from tests.tickets.undoing import undo_events
from tickets import lifecycle, outbox
from tickets.models import Ticket, User

pytestmark = pytest.mark.django_db


class TestUndoing:
    """A draft that closing or sending ended is written after all when that is undone."""

    @pytest.fixture
    def writing(self, ticket: Ticket) -> Draft:
        return Draft.objects.create(ticket=ticket, message=ticket.messages.get(), state=Draft.State.WRITING, text="Hi")

    def test_closing(self, writing: Draft, mira: User, on_commit: Any) -> None:
        with on_commit():
            closing = lifecycle.close(writing.ticket, mira, [])
        writing.refresh_from_db()
        assert writing.state == "stopped"
        with on_commit():
            undo_events(closing, mira)
        writing.refresh_from_db()
        assert (writing.state, writing.text) == ("queued", "")
        assert Ticket.objects.get().preparation == "waiting"

    def test_a_writer_that_missed_the_stop_writes_nothing_into_the_draft_begun_again(
        self, ticket: Ticket, mira: User, on_commit: Any
    ) -> None:
        queued = Draft.objects.create(ticket=ticket, message=ticket.messages.get())
        first = states.claim(queued.pk)
        assert first is not None
        with on_commit():
            closing = lifecycle.close(ticket, mira, [])
        with on_commit():
            undo_events(closing, mira)
        second = states.claim(queued.pk)
        assert second is not None
        with pytest.raises(leases.LeaseLost):
            leases.renew(first)
        leases.renew(second)

    def test_what_a_person_stopped_before_stays_stopped(self, writing: Draft, mira: User, on_commit: Any) -> None:
        states.stop(writing, mira)
        with on_commit():
            closing = lifecycle.close(writing.ticket, mira, [])
        with on_commit():
            undo_events(closing, mira)
        writing.refresh_from_db()
        assert writing.state == "stopped"

    def test_sending(self, writing: Draft, mira: User, on_commit: Any, settings: Any) -> None:
        settings.UNDO_SEND_SECONDS = 60
        with on_commit():
            sent = outbox.write_reply(writing.ticket, mira, "My own words.", submission=None)
        writing.refresh_from_db()
        assert writing.state == "stopped"
        with on_commit():
            assert outbox.undo(sent.pk, mira)
        writing.refresh_from_db()
        assert writing.state == "queued"
