"""A ticket that was escalated has a time until which a member of its team should take it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from config.templatetags.desk import is_past, remaining
from tests import cast
from tests.tickets.undoing import undo_events
from tickets import assignment, lifecycle, outbox, timeline
from tickets.models import Ticket, TicketEvent, User
from tickets.views.wording import sentence

pytestmark = pytest.mark.django_db
DUE = timezone.now() + timedelta(hours=1)


def due() -> datetime | None:
    return Ticket.objects.get().handoff_due_at


@pytest.fixture
def escalated(ticket: Ticket, mira: User) -> assignment.Transfer:
    return assignment.transfer(ticket, cast.team("Billing"), "Look at this", mira, due=DUE)


@pytest.mark.usefixtures("escalated")
class TestTaking:
    def test_it_waits_until_somebody_is_assigned(self, jonas: User) -> None:
        assert due() == DUE
        assignment.assign(Ticket.objects.get(), jonas)
        assert due() is None

    def test_or_until_somebody_replies(self, jonas: User) -> None:
        outbox.write_reply(Ticket.objects.get(), jonas, "I look into it.", submission=None)
        assert due() is None

    def test_it_waits_again_if_that_reply_is_undone(self, jonas: User) -> None:
        message = outbox.write_reply(Ticket.objects.get(), jonas, "I look into it.", submission=None)
        assert outbox.undo(message.pk, jonas)
        assert due() == DUE

    def test_not_if_it_was_assigned_meanwhile(self, jonas: User) -> None:
        message = outbox.write_reply(Ticket.objects.get(), jonas, "I look into it.", submission=None)
        assignment.assign(Ticket.objects.get(), jonas)
        outbox.undo(message.pk, jonas)
        assert due() is None

    @pytest.mark.parametrize("due_again", [None, DUE + timedelta(hours=5)])
    def test_an_undone_reply_does_not_bring_back_the_time_of_another_team(
        self, jonas: User, due_again: datetime | None
    ) -> None:
        message = outbox.write_reply(Ticket.objects.get(), jonas, "I look into it.", submission=None)
        assignment.transfer(Ticket.objects.get(), cast.team("Security"), "yours", jonas, due=due_again)
        outbox.undo(message.pk, jonas)
        assert due() == due_again

    def test_assigned_by_mistake_and_then_to_nobody_it_waits_again(self, jonas: User, rosa: User) -> None:
        assignment.assign(Ticket.objects.get(), jonas)
        assignment.assign(Ticket.objects.get(), None)
        assert due() == DUE
        assignment.assign(Ticket.objects.get(), jonas)
        assignment.assign(Ticket.objects.get(), rosa)
        assignment.assign(Ticket.objects.get(), None)
        assert due() is None

    def test_closing_ends_it_until_that_is_undone(self, jonas: User) -> None:
        closing = lifecycle.close(Ticket.objects.get(), jonas, [])
        assert due() is None
        undo_events(closing, jonas)
        assert due() == DUE

    def test_a_plain_transfer_ends_it(self, jonas: User) -> None:
        assignment.transfer(Ticket.objects.get(), cast.team("Security"), "rather yours", jonas)
        assert due() is None

    def test_a_note_or_another_priority_does_not(self, jonas: User) -> None:
        lifecycle.set_priority(Ticket.objects.get(), 4, jonas)
        assert due() == DUE


class TestUndoing:
    def test_it_no_longer_waits(self, escalated: assignment.Transfer, mira: User) -> None:
        assert assignment.undo_transfer(Ticket.objects.get(), mira, escalated)
        assert due() is None

    def test_it_waits_as_before_if_it_was_escalated_before(self, escalated: assignment.Transfer, jonas: User) -> None:
        again = assignment.transfer(Ticket.objects.get(), cast.team("Security"), "yours", jonas, due=timezone.now())
        assert assignment.undo_transfer(Ticket.objects.get(), jonas, again)
        assert due() == DUE


def test_the_timeline_tells_an_escalation_from_a_transfer(ticket: Ticket, mira: User, jonas: User) -> None:
    assignment.transfer(ticket, cast.team("Billing"), "yours", mira, due=DUE)
    assignment.transfer(ticket, cast.team("Security"), "yours", mira, due=DUE)
    assignment.transfer(ticket, cast.team("Billing"), "yours", mira)
    told = [sentence(each) for each in ticket.events.filter(kind=TicketEvent.Kind.TRANSFERRED)]
    assert told == [
        "Escalated to Billing",
        "Escalated to Security from Billing",
        "Transferred to Billing from Security",
    ]
    for judgement, words in (("wrong_team", "Escalation: wrong team"), ("", "Judgement of the escalation withdrawn")):
        assert sentence(timeline.record(ticket, TicketEvent.Kind.JUDGED, jonas, judgement=judgement)) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(12, "12 m left"), (0.2, "1 m left"), (-3, "3 m overdue"), (-150, "2 h overdue"), (200, "3 h left")],
)
def test_how_long_until_then(minutes: float, words: str, monkeypatch: Any) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    moment = now + timedelta(minutes=minutes)
    assert (remaining(moment), is_past(moment)) == (words, minutes < 0)
    assert (remaining(None), is_past(None)) == ("", False)
