"""Snoozing together with replies, transfers and changes of team that are undone, and a ticket that cannot be woken."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from tests import cast
from tests.tickets.snoozing.test_snoozing import LATER, LONG_AGO, customer_writes, now, reply
from tests.tickets.undoing import undo_events
from tickets import assignment, lifecycle, outbox, tasks
from tickets.models import Ticket, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(db: None) -> Ticket:
    return cast.new_ticket(waiting_since=LONG_AGO)


def test_an_undone_reply_gives_back_the_time_of_closing(ticket: Ticket, mira: User) -> None:
    lifecycle.close(ticket, mira, [])
    closed_at = now().closed_at
    assert outbox.undo(reply(now(), mira).pk, mira)
    assert (now().status, now().closed_at) == ("closed", closed_at)


def test_an_undone_transfer_gives_back_the_time_of_closing(ticket: Ticket, mira: User) -> None:
    lifecycle.close(ticket, mira, [])
    closed_at = now().closed_at
    was = assignment.transfer(now(), cast.team("Billing"), "yours", mira)
    assert assignment.undo_transfer(now(), mira, was)
    assert (now().status, now().closed_at) == ("closed", closed_at)


def test_who_had_no_reply_before_one_that_was_undone_has_waited_since_then(ticket: Ticket, mira: User) -> None:
    lifecycle.snooze(ticket, mira, LATER)
    written = reply(now(), mira)
    customer_writes()
    assert outbox.undo(written.pk, mira)
    assert (now().status, now().waiting_since) == ("open", LONG_AGO)


@pytest.mark.parametrize("status", ["snoozed", "closed"])
def test_no_escalation_waits_on_a_ticket_that_is_not_open(ticket: Ticket, mira: User, status: str) -> None:
    assignment.transfer(ticket, cast.team("Billing"), "yours", mira, due=LATER)
    moved = assignment.set_team(now(), cast.team("Support"), mira)
    if status == "snoozed":
        lifecycle.snooze(now(), mira, LATER)
    else:
        lifecycle.close(now(), mira, [])
    assert undo_events([moved], mira).undone == [ticket.pk]
    assert (now().status, now().handoff_due_at) == (status, None)


def test_one_that_cannot_be_woken_stops_no_other(
    ticket: Ticket, mira: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    other = cast.new_ticket(subject="Another one")
    for each, hours in ((ticket, 2), (other, 1)):
        lifecycle.snooze(each, mira, timezone.now() - timedelta(hours=hours))
    wake = lifecycle.wake

    def fails(number: int, moment: object) -> bool:
        if number == ticket.pk:
            raise OperationalError("deadlock detected")
        return wake(number, timezone.now())

    monkeypatch.setattr(lifecycle, "wake", fails)
    assert tasks.wake_snoozed() == 1
    assert Ticket.objects.get(pk=other.pk).status == "open"
    assert f"ticket not woken: ticket={ticket.pk}" in caplog.text
