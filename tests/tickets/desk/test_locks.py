"""On PostgreSQL, where two can write at once: the second waits for the first, then decides on the new row.

SQLite lets one write at a time (immediate transactions), so there is nothing to show. Run by `make test-services`.
"""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections, transaction

from tests import cast
from tests.tickets.desk.test_two_browsers import answer
from tests.waiting import wait_until
from tickets import assignment, lifecycle, outbox
from tickets.mail import message_creation
from tickets.models import Message, OutgoingMail, Ticket, User

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgresql,  # SQLite lets one write at a time
]
Work = Callable[[], Any]


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        # Only of this database: other tests wait too.
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_locks WHERE database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database()))"
        )
        return bool(cursor.fetchone()[0])


def at_once(first: Work, second: Work) -> Any:
    """Runs `second` in a connection of its own before `first` commits; returns what it returned or raised."""

    def in_its_own_connection() -> Any:
        try:
            return second()
        except Exception as error:  # noqa: BLE001 - the outcome is what the test is about
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            first()
            late = other.submit(in_its_own_connection)
            wait_until(lambda: late.done() or somebody_waits())
            assert not late.done(), f"did not wait: {late.result()}"
        return late.result(timeout=20)


def mail(ticket: Ticket) -> Work:
    def arrives() -> None:
        with transaction.atomic():
            message_creation.add(answer(), ticket, Ticket.Channel.EMAIL)

    return arrives


def test_a_mail_that_comes_while_an_agent_closes_opens_the_ticket_again(ticket: Ticket, mira: User) -> None:
    found = Ticket.objects.get()
    assert at_once(lambda: lifecycle.close(ticket, mira, []), mail(found)) is None
    assert Ticket.objects.get().status == "open"


def test_a_ticket_is_not_closed_over_a_mail_that_is_coming_in(ticket: Ticket, mira: User) -> None:
    outbox.write_reply(ticket, mira, "Refunded.", submission=uuid.uuid4())
    late = at_once(mail(Ticket.objects.get()), lambda: lifecycle.close(ticket, mira, [], ask=True))
    assert isinstance(late, lifecycle.Unanswered)
    assert Ticket.objects.get().status == "open"


def test_two_mails_on_a_waiting_ticket_do_not_block_each_other(ticket: Ticket) -> None:
    lifecycle.set_status(ticket, "pending")
    assert at_once(mail(Ticket.objects.get()), mail(Ticket.objects.get())) is None
    assert (Ticket.objects.get().status, ticket.messages.count()) == ("open", 3)


def test_one_member_gets_it(ticket: Ticket, mira: User, jonas: User) -> None:
    page = Ticket.objects.get()
    late = at_once(
        lambda: assignment.assign(ticket, mira, mira, was=None), lambda: assignment.assign(page, jonas, jonas, was=None)
    )
    assert str(late) == "This ticket is assigned to Mira Lindqvist now." and Ticket.objects.get().assignee == mira


def test_one_team_gets_it(ticket: Ticket, mira: User, jonas: User) -> None:
    billing, security, page = cast.team("Billing"), cast.team("Security"), Ticket.objects.get()
    late = at_once(
        lambda: assignment.transfer(ticket, billing, "yours", mira, seen=0),
        lambda: assignment.transfer(page, security, "yours", jonas, seen=0),
    )
    assert isinstance(late, assignment.ChangedMeanwhile) and Ticket.objects.get().team == billing
    assert ticket.messages.filter(kind=Message.Kind.NOTE).count() == 1


def test_it_is_closed_once(ticket: Ticket, mira: User, jonas: User) -> None:
    page = Ticket.objects.get()
    late = at_once(lambda: lifecycle.close(ticket, mira, ["refund"]), lambda: lifecycle.close(page, jonas, ["refund"]))
    assert late == []
    assert [event.kind for event in ticket.events.filter(actor__isnull=False)] == ["tagged", "status"]


def test_the_second_reply_is_held_back_until_the_first_was_read(ticket: Ticket, mira: User, jonas: User) -> None:
    seen, page = ticket.messages.get().pk, Ticket.objects.get()
    late = at_once(
        lambda: outbox.write_reply(ticket, mira, "Refunded.", submission=uuid.uuid4(), seen=seen),
        lambda: outbox.write_reply(page, jonas, "Will do.", submission=uuid.uuid4(), seen=seen),
    )
    assert isinstance(late, outbox.NewerMessages) and OutgoingMail.objects.count() == 1


def test_undoing_a_reply_leaves_the_ticket_to_the_one_that_is_being_written(
    ticket: Ticket, mira: User, jonas: User, settings: Any
) -> None:
    settings.UNDO_SEND_SECONDS = 60
    early = outbox.write_reply(ticket, mira, "Too early", submission=uuid.uuid4())
    page = Ticket.objects.get()
    late = at_once(
        lambda: outbox.write_reply(page, jonas, "Refunded.", submission=uuid.uuid4()),
        lambda: outbox.undo(early.pk, mira),
    )
    assert late is True and Ticket.objects.get().status == "pending"


def test_a_priority_is_recorded_once(ticket: Ticket, mira: User, jonas: User) -> None:
    page = Ticket.objects.get()
    late = at_once(lambda: lifecycle.set_priority(ticket, 4, mira), lambda: lifecycle.set_priority(page, 4, jonas))
    assert late is None and ticket.events.filter(kind="priority").count() == 1
