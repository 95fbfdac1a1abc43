"""On PostgreSQL: undo and bulk actions decide on the row as a colleague left it at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections

from tests import cast
from tests.tickets.desk.test_locks import Work, at_once
from tests.tickets.undoing import undo_events
from tickets import assignment, lifecycle
from tickets.changes import bulk
from tickets.models import Tag, Ticket, User

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.postgresql,  # SQLite lets one write at a time
]


def test_undo_waits_for_a_colleague_and_leaves_the_change(ticket: Ticket, mira: User, jonas: User) -> None:
    mine = lifecycle.set_priority(ticket, 4, mira)
    outcome = at_once(
        lambda: lifecycle.set_priority(Ticket.objects.get(), 3, jonas),
        lambda: undo_events([mine], mira),
    )
    assert outcome.left == {ticket.pk: "Somebody has changed this ticket since."}
    assert Ticket.objects.get().priority == 3


def test_a_bulk_action_waits_for_a_colleague(ticket: Ticket, mira: User, jonas: User, rosa: User) -> None:
    """What was before is that of the row: an undo would give the ticket back to Jonas."""
    outcome = at_once(
        lambda: assignment.assign(Ticket.objects.get(), jonas, mira),
        lambda: bulk.change(Ticket.objects.all(), [ticket.pk], rosa, bulk.assign(rosa), uuid4()),
    )
    assert outcome.changed == [ticket.pk]
    assert Ticket.objects.get().assignee == rosa
    assert [event.data["was"] for event in ticket.events.filter(kind="assigned")] == ["", "Jonas Brandt"]


def together(*works: Work) -> list[Any]:
    """Each in a thread and a connection of its own."""

    def alone(work: Work) -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(works)) as pool:
        return [each.result(timeout=40) for each in [pool.submit(alone, work) for work in works]]


def test_two_who_create_the_same_tags_do_not_lock_each_other_out(ticket: Ticket, mira: User, jonas: User) -> None:
    """On other tickets, typed in another order: created in the order of the alphabet."""
    tickets = [cast.new_ticket(subject=str(number)) for number in range(20)]
    names = [f"tag {number}" for number in range(40)]
    both = [(mira, tickets[:10], names), (jonas, tickets[10:], names[::-1])]
    outcomes = together(
        *[
            partial(bulk.change, Ticket.objects.all(), [each.pk for each in own], who, bulk.tag(typed), uuid4())
            for who, own, typed in both
        ]
    )
    assert [outcome.left for outcome in outcomes] == [{}, {}]
    assert Tag.objects.count() == 40


def test_undo_twice_at_once_is_once(ticket: Ticket, mira: User) -> None:
    events = lifecycle.close(ticket, mira, ["x"])
    outcomes = together(*[partial(undo_events, events, mira)] * 2)
    assert [each.undone for each in outcomes] == [[ticket.pk]] * 2
    assert ticket.events.count() == 4
