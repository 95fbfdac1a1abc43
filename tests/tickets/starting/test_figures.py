"""On a ticket that we started nobody has waited since it was created: figures, filters and pages know that."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.utils import timezone

from copilot.customers.facts import facts
from qa.metrics import coverage, reads
from qa.metrics.selection import Period, Selection
from qa.pages import listing
from tests import cast
from tickets.models import Message, Ticket, User
from tickets.queue import filters
from tickets.queue.fields import Asked

pytestmark = pytest.mark.django_db


def answered(ticket: Ticket) -> Ticket:
    """Created ten days ago; the customer wrote an hour ago and has been answered."""
    now = timezone.now()
    Message.objects.create(ticket=ticket, kind="customer", text="Thanks. And when?", created_at=now)
    Ticket.objects.filter(pk=ticket.pk).update(created_at=now - timedelta(days=10), first_response_at=now)
    return Ticket.objects.get(pk=ticket.pk)


def week() -> Selection:
    today = timezone.localdate()
    return Selection(Period(today - timedelta(days=6), today))


def test_the_figure_of_first_responses_leaves_it_out(empty: Ticket, ticket: Ticket) -> None:
    answered(empty)
    answered(ticket)
    assert list(reads.answered(week(), week().period)) == [ticket]
    assert len(reads.answered_rows(week())) == 1
    listed = listing.FigureList(week(), listing.FIRST_RESPONSE)
    assert [row.ticket for row in listing.page(listed).rows] == [ticket]  # type: ignore[union-attr]


def test_what_is_said_of_a_customers_waiting_leaves_it_out(empty: Ticket, mira: User) -> None:
    answered(empty)
    here = cast.new_ticket(cast.lena())
    assert facts(here, mira, timezone.now()).reply is None


def passing(address: str, user: User) -> list[Ticket]:
    return list(Ticket.objects.filter(filters.from_address(QueryDict(address)).where(Asked(user, timezone.now()))))


def test_filters(empty: Ticket, ticket: Ticket, mira: User) -> None:
    assert passing("channel=outgoing", mira) == [empty]
    assert passing("answered=no", mira) == [ticket]  # nobody waits for a first response on the other
    assert passing("answered=yes", mira) == []
    Message.objects.create(ticket=empty, kind="customer", text="Thanks. And when?")
    assert passing("answered=no&channel=outgoing", mira) == [empty]
    answered(empty)
    assert passing("answered=yes", mira) == [empty]
    assert len(passing("answered=yes&answered=no", mira)) == 2


def test_it_is_nothing_that_customers_asked(empty: Ticket, ticket: Ticket) -> None:
    today = timezone.localdate()
    period = Period(today - timedelta(days=1), today)
    assert coverage.tickets(period) == {"": 1} and coverage.newest(period, "") == [ticket]
