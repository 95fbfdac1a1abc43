"""On PostgreSQL: undo and bulk actions decide on the row as a colleague left it at the same moment."""

import pytest

from tests.tickets.desk.test_locks import at_once
from tests.tickets.undoing import undo_events
from tickets import assignment, lifecycle
from tickets.changes import bulk
from tickets.models import Ticket, User

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
        lambda: bulk.change(Ticket.objects.all(), [ticket.pk], rosa, bulk.assign(rosa)),
    )
    assert outcome.changed == [ticket.pk]
    assert Ticket.objects.get().assignee == rosa
    assert [event.data["was"] for event in ticket.events.filter(kind="assigned")] == ["", "Jonas Brandt"]


def test_the_same_tag_is_created_once(ticket: Ticket, mira: User, jonas: User) -> None:
    outcome = at_once(
        lambda: lifecycle.change_tags(Ticket.objects.get(), mira, add=["refund"]),
        lambda: bulk.change(Ticket.objects.all(), [ticket.pk], jonas, bulk.tag(["refund"])),
    )
    assert (outcome.changed, outcome.same) == ([], [ticket.pk])
    assert ticket.events.filter(kind="tagged").count() == 1
