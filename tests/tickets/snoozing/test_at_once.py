"""On PostgreSQL, where two can write at once: a ticket wakes once. Run by `make test-services`."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.tickets.desk.test_locks import at_once, mail
from tickets import lifecycle, tasks
from tickets.models import Ticket, TicketEvent, User

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgresql,  # SQLite lets one write at a time
]


def woken() -> int:
    return TicketEvent.objects.filter(kind=TicketEvent.Kind.STATUS, data__was="snoozed").count()


@pytest.fixture
def overdue(ticket: Ticket, mira: User) -> Ticket:
    lifecycle.snooze(ticket, mira, timezone.now())
    return Ticket.objects.get()


def test_two_workers_wake_it_once(overdue: Ticket) -> None:
    assert at_once(lambda: tasks.wake_snoozed(), lambda: tasks.wake_snoozed()) == 0
    assert (Ticket.objects.get().status, woken()) == ("open", 1)


def test_it_is_woken_by_the_customer_or_by_its_time(overdue: Ticket) -> None:
    assert at_once(mail(Ticket.objects.get()), lambda: tasks.wake_snoozed()) == 0
    assert (Ticket.objects.get().status, woken()) == ("open", 1)


def test_who_snoozes_it_anew_at_the_same_moment_is_not_overruled(overdue: Ticket, mira: User) -> None:
    later = timezone.now() + timedelta(days=1)
    assert at_once(lambda: lifecycle.snooze(overdue, mira, later), lambda: tasks.wake_snoozed()) == 0
    assert Ticket.objects.get().snoozed_until == later
