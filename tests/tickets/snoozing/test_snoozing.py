"""Snoozing a ticket, what wakes it, and what it is then."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests import cast
from tests.tickets.desk.test_two_browsers import answer
from tests.tickets.undoing import undo_events
from tickets import assignment, lifecycle, outbox, tasks
from tickets.lifecycle import NotSnoozed
from tickets.mail import message_creation
from tickets.models import Message, Ticket, TicketEvent, User
from tickets.models.tickets import NEVER
from tickets.views.wording import sentence

pytestmark = pytest.mark.django_db
LONG_AGO = timezone.now() - timedelta(days=2)
LATER = timezone.now() + timedelta(days=1)


@pytest.fixture
def ticket(db: None) -> Ticket:
    """Its customer has waited for two days."""
    return cast.new_ticket(waiting_since=LONG_AGO)


@pytest.fixture
def snoozed(ticket: Ticket, mira: User) -> Ticket:
    lifecycle.snooze(ticket, mira, LATER)
    return now()


def now() -> Ticket:
    return Ticket.objects.get()


def time_comes() -> int:
    Ticket.objects.filter(status="snoozed").exclude(wakes_at=NEVER).update(wakes_at=timezone.now())
    return tasks.wake_snoozed()


def state(ticket: Ticket) -> tuple[str, datetime | None, bool]:
    return ticket.status, ticket.snoozed_until, ticket.back_from_snooze


def customer_writes() -> None:
    with transaction.atomic():
        message_creation.add(answer(), Ticket.objects.locked().get(), Ticket.Channel.EMAIL)


def reply(ticket: Ticket, author: User, **how: Any) -> Message:
    return outbox.write_reply(ticket, author, "I look into it.", submission=None, **how)


def sentences(ticket: Ticket) -> list[str]:
    return [sentence(event) for event in ticket.events.filter(kind=TicketEvent.Kind.STATUS).order_by("pk")]


class TestSnoozing:
    def test_until_a_time(self, ticket: Ticket, mira: User) -> None:
        event = lifecycle.snooze(ticket, mira, LATER)
        assert state(now()) == state(ticket) == ("snoozed", LATER, False)
        assert now().waiting_since == LONG_AGO
        assert event is not None and event.actor == mira
        assert event.data == {
            "was": "open",
            "since": LONG_AGO.isoformat(),
            "now": "snoozed",
            "until": LATER.isoformat(),
            "why": "snoozed",
        }

    def test_until_the_customer_replies(self, ticket: Ticket, mira: User) -> None:
        lifecycle.snooze(ticket, mira, None)
        assert state(now()) == ("snoozed", None, False)
        assert sentences(ticket) == ["Snoozed until the customer replies"]
        assert time_comes() == 0

    def test_one_that_waits_for_the_customer(self, ticket: Ticket, mira: User) -> None:
        reply(ticket, mira)
        lifecycle.snooze(ticket, mira, LATER)
        assert state(now()) == ("snoozed", LATER, False)

    def test_anew_with_another_time(self, snoozed: Ticket, mira: User) -> None:
        later = LATER + timedelta(days=1)
        assert lifecycle.snooze(snoozed, mira, LATER) is None  # it is so already
        assert lifecycle.snooze(snoozed, mira, later)
        assert state(now()) == ("snoozed", later, False)
        assert snoozed.events.filter(kind=TicketEvent.Kind.STATUS).count() == 2

    def test_not_a_closed_one(self, ticket: Ticket, mira: User) -> None:
        lifecycle.close(ticket, mira, [])
        with pytest.raises(NotSnoozed, match="closed"):
            lifecycle.snooze(ticket, mira, LATER)
        assert now().status == "closed"

    def test_an_escalated_one_only_after_somebody_has_taken_it(self, ticket: Ticket, mira: User, jonas: User) -> None:
        assignment.transfer(ticket, cast.team("Billing"), "Look at this", mira, due=LATER)
        with pytest.raises(NotSnoozed, match="escalated"):
            lifecycle.snooze(now(), jonas, LATER)
        assert now().handoff_due_at == LATER
        assignment.assign(now(), jonas, jonas)
        lifecycle.snooze(now(), jonas, LATER)
        assert now().status == "snoozed"

    def test_assignee_and_team_stay(self, ticket: Ticket, mira: User, jonas: User) -> None:
        assignment.set_team(ticket, cast.team(), mira)
        assignment.assign(ticket, jonas, mira)
        lifecycle.snooze(ticket, mira, LATER)
        time_comes()
        assert (now().assignee, now().team) == (jonas, cast.team())

    @pytest.mark.parametrize(
        "wrong",
        [
            {"status": "open", "wakes_at": LATER},
            {"status": "closed", "wakes_at": LATER, "closed_at": LATER},
            {"status": "snoozed", "back_from_snooze": True},
            {"status": "sleeping"},
        ],
    )
    def test_the_database_knows_what_fits_a_status(self, ticket: Ticket, wrong: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Ticket.objects.update(**wrong)


class TestWaking:
    def test_at_its_time(self, snoozed: Ticket) -> None:
        assert tasks.wake_snoozed() == 0 and now().status == "snoozed"
        assert time_comes() == 1
        assert state(now()) == ("open", None, True)
        assert now().waiting_since == LONG_AGO
        assert sentences(snoozed)[-1] == "Back from snooze"
        assert time_comes() == 0

    def test_if_our_reply_was_last_nobody_has_waited_meanwhile(self, ticket: Ticket, mira: User) -> None:
        reply(ticket, mira)
        lifecycle.snooze(ticket, mira, LATER)
        before = timezone.now()
        time_comes()
        assert now().waiting_since >= before

    @pytest.mark.parametrize("until", [LATER, None])
    def test_when_the_customer_writes(self, ticket: Ticket, mira: User, until: datetime | None) -> None:
        """Who wrote before without a reply has waited since then, as on an open ticket."""
        lifecycle.snooze(ticket, mira, until)
        customer_writes()
        assert state(now()) == ("open", None, True)
        assert now().waiting_since == LONG_AGO
        assert sentences(ticket)[-1] == "Back from snooze: the customer wrote"

    def test_after_our_reply_the_customer_waits_from_the_new_message_on(self, ticket: Ticket, mira: User) -> None:
        reply(ticket, mira)
        lifecycle.snooze(ticket, mira, None)
        customer_writes()
        assert now().waiting_since == now().messages.filter(kind=Message.Kind.CUSTOMER).latest("pk").created_at

    def test_by_hand_it_has_no_mark(self, snoozed: Ticket, mira: User) -> None:
        lifecycle.set_status(snoozed, "open", mira)
        assert state(now()) == ("open", None, False)
        assert now().waiting_since == LONG_AGO
        assert sentences(snoozed)[-1] == "Back from snooze"

    def test_by_a_transfer(self, snoozed: Ticket, mira: User) -> None:
        assignment.transfer(snoozed, cast.team("Billing"), "Yours", mira)
        assert state(now()) == ("open", None, False)
        assert now().waiting_since == LONG_AGO

    def test_by_a_reply_it_waits_for_the_customer(self, snoozed: Ticket, mira: User) -> None:
        reply(snoozed, mira)
        assert state(now()) == ("pending", None, False)

    def test_by_closing(self, snoozed: Ticket, mira: User) -> None:
        lifecycle.close(snoozed, mira, [])
        assert state(now()) == ("closed", None, False)

    def test_one_that_was_snoozed_anew_meanwhile_sleeps_on(self, snoozed: Ticket, mira: User) -> None:
        assert lifecycle.wake(snoozed.pk, timezone.now()) is False
        assert state(now()) == ("snoozed", LATER, False)

    def test_all_that_are_overdue_in_several_batches(self, mira: User, monkeypatch: pytest.MonkeyPatch) -> None:
        """As after a night without a worker."""
        monkeypatch.setattr("tickets.snoozing.waking.BATCH", 2)
        for hours in range(5):
            lifecycle.snooze(cast.new_ticket(), mira, timezone.now() - timedelta(hours=hours))
        lifecycle.snooze(cast.new_ticket(), mira, LATER)
        assert tasks.wake_snoozed() == 5
        assert Ticket.objects.filter(back_from_snooze=True).count() == 5
        woken = TicketEvent.objects.filter(data__why="time came").order_by("pk").values_list("ticket", flat=True)
        assert list(woken) == sorted(woken, reverse=True)  # the longest overdue first

    def test_what_the_time_does_not_suffice_for_waits_for_the_next_run(self, snoozed: Ticket, monkeypatch: Any) -> None:
        monkeypatch.setattr(tasks, "SWEEP_SECONDS", -1)
        assert time_comes() == 0 and now().status == "snoozed"


class TestTheMark:
    @pytest.fixture
    def back(self, snoozed: Ticket) -> Ticket:
        time_comes()
        return now()

    def test_it_stays_while_nobody_takes_the_next_step(self, back: Ticket, mira: User) -> None:
        assignment.assign(back, mira, mira)
        lifecycle.set_priority(back, 4, mira)
        customer_writes()
        assert now().back_from_snooze

    def test_a_reply_takes_it_away_also_if_the_ticket_stays_open(self, back: Ticket, mira: User) -> None:
        reply(back, mira, then="open")
        assert state(now()) == ("open", None, False)

    @pytest.mark.parametrize("status", ["closed", "pending", "snoozed"])
    def test_another_status_takes_it_away_and_undo_brings_it_back(self, back: Ticket, mira: User, status: str) -> None:
        until = LATER if status == "snoozed" else NEVER
        event = lifecycle.set_status(back, status, mira, until=until)
        assert not now().back_from_snooze
        assert undo_events([event], mira).undone == [back.pk]
        assert state(now()) == ("open", None, True)
        assert now().waiting_since == LONG_AGO

    @pytest.mark.parametrize("then", ["pending", "open", "closed"])
    def test_undoing_a_reply_brings_it_back(self, back: Ticket, mira: User, then: str) -> None:
        assert outbox.undo(reply(back, mira, then=then).pk, mira)
        assert state(now()) == ("open", None, True)
        assert now().waiting_since == LONG_AGO


class TestUndo:
    def test_of_snoozing(self, ticket: Ticket, mira: User) -> None:
        assert undo_events([lifecycle.snooze(ticket, mira, LATER)], mira).undone == [ticket.pk]
        assert state(now()) == ("open", None, False)
        assert now().waiting_since == LONG_AGO
        assert sentences(ticket)[-1] == "Back from snooze: undone"

    def test_of_snoozing_one_that_waited_for_the_customer(self, ticket: Ticket, mira: User) -> None:
        reply(ticket, mira)
        undo_events([lifecycle.snooze(ticket, mira, LATER)], mira)
        assert state(now()) == ("pending", None, False)

    def test_of_another_time(self, snoozed: Ticket, mira: User) -> None:
        event = lifecycle.snooze(snoozed, mira, None)
        assert undo_events([event], mira).undone == [snoozed.pk]
        assert state(now()) == ("snoozed", LATER, False)

    def test_of_waking_by_hand(self, snoozed: Ticket, mira: User) -> None:
        event = lifecycle.set_status(snoozed, "open", mira)
        assert undo_events([event], mira).undone == [snoozed.pk]
        assert state(now()) == ("snoozed", LATER, False)

    def test_of_closing(self, snoozed: Ticket, mira: User) -> None:
        assert undo_events(lifecycle.close(snoozed, mira, []), mira).undone == [snoozed.pk]
        assert state(now()) == ("snoozed", LATER, False)
        assert now().waiting_since == LONG_AGO

    def test_not_if_the_customer_has_written_since(self, snoozed: Ticket, mira: User) -> None:
        events = lifecycle.close(snoozed, mira, [])
        customer_writes()
        assert undo_events(events, mira).left == {snoozed.pk: "The customer has written since."}
        assert now().status == "open"

    def test_of_a_reply(self, snoozed: Ticket, mira: User) -> None:
        assert outbox.undo(reply(snoozed, mira).pk, mira)
        assert state(now()) == ("snoozed", LATER, False)

    def test_of_a_transfer(self, snoozed: Ticket, mira: User) -> None:
        was = assignment.transfer(snoozed, cast.team("Billing"), "Yours", mira)
        assert assignment.undo_transfer(snoozed, mira, was)
        assert state(now()) == ("snoozed", LATER, False)
        assert now().waiting_since == LONG_AGO

    def test_after_its_time_the_next_run_wakes_it(self, snoozed: Ticket, mira: User) -> None:
        Ticket.objects.update(wakes_at=timezone.now())
        events = lifecycle.close(now(), mira, [])
        undo_events(events, mira)
        assert tasks.wake_snoozed() == 1 and state(now()) == ("open", None, True)


def test_a_failed_reply_wakes_it(snoozed: Ticket) -> None:
    """The mail server has returned it: the next step is ours now."""
    lifecycle.set_status(snoozed, "open", why="reply came back")
    assert state(now()) == ("open", None, True)
    assert sentences(snoozed)[-1] == "Back from snooze: the mail server returned the reply"
