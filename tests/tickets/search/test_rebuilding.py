"""An index of an older version, or a broken one, becomes that of today, without closing the desk."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import cast
from tickets import tasks
from tickets.models import Tag, Term, Ticket, TicketToIndex
from tickets.search import INDEX, find, index, index_ticket, search_tickets

BEFORE = ("tickets", "0021_saved_views")


def made(count: int) -> list[int]:
    return [cast.new_ticket(subject=f"Refund {number}").pk for number in range(count)]


def test_the_command_rebuilds_index_and_vocabulary(db: None) -> None:
    pks = made(3)
    INDEX.put(999_999, ["gone", "", "", ""])
    Term.objects.create(term="gone", written="gone", ticket=1)
    out = StringIO()
    call_command("reindex_tickets", stdout=out, stderr=StringIO())
    assert out.getvalue() == "3 tickets indexed.\n"
    assert INDEX.ids() == set(pks) and set(search_tickets("refund")) == set(pks)
    assert not Term.objects.filter(term="gone").exists() and find("refnud", 5).replaced


def test_the_command_says_how_far_it_is_and_continues(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    made(5)
    monkeypatch.setattr(index, "BATCH", 2)
    batches = iter([index._batch])
    monkeypatch.setattr(index, "_batch", lambda: next(batches)())  # killed in the second one
    with pytest.raises(StopIteration):
        call_command("reindex_tickets", stdout=StringIO(), stderr=StringIO())
    monkeypatch.undo()
    assert index.waiting() == 3
    out, progress = StringIO(), StringIO()
    call_command("reindex_tickets", stdout=out, stderr=progress)
    assert out.getvalue() == "Continuing: 3 tickets are left.\n3 tickets indexed.\n"
    assert progress.getvalue() == "3 of 3 tickets\n"
    made(1)
    index.index_later([1])
    out = StringIO()
    call_command("reindex_tickets", "--anew", stdout=out, stderr=StringIO())
    assert out.getvalue() == "6 tickets indexed.\n"


def test_the_newest_tickets_come_first(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    pks = made(3)
    index.rebuild()
    monkeypatch.setattr(index, "BATCH", 1)
    assert index.work_off(0) == 1
    assert search_tickets("refund") == [pks[-1]]


def test_the_job_goes_on_until_none_waits(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    again: list[str] = []
    monkeypatch.setattr(tasks, "queue", lambda function, *ids, lane: again.append(function))
    monkeypatch.setattr(tasks, "SWEEP_SECONDS", 0)
    monkeypatch.setattr(index, "BATCH", 2)
    made(3)
    index.rebuild()
    assert [tasks.index_waiting() for _ in range(3)] == [2, 1, 0]
    assert again == ["tickets.tasks.index_waiting"]
    assert tasks.forget_rare_words() == 0


def test_a_ticket_that_is_gone_meanwhile_stops_nothing(db: None) -> None:
    pks = made(2)
    TicketToIndex.objects.bulk_create([TicketToIndex(ticket=pk) for pk in (*pks, 999_999)])
    assert index.work_off(10) == 3 and INDEX.ids() == set(pks)


def test_what_is_put_back_is_not_counted_as_done(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else adds words: the job waits a little, tries again, and does not say that it is done."""
    made(3)
    index.rebuild()
    monkeypatch.setattr(index, "PAUSE", 0.0)
    monkeypatch.setattr(index.vocabulary, "learn", lambda texts: list(texts))
    out = StringIO()
    monkeypatch.setattr(index, "work_off", lambda seconds, say, work_off=index.work_off: work_off(0.05, say))
    call_command("reindex_tickets", stdout=out, stderr=StringIO())
    assert out.getvalue().endswith("0 tickets indexed. 3 are being indexed by a job.\n")
    assert index.waiting() == 3


def migrate(*targets: tuple[str, str]) -> Any:
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets))
    return MigrationExecutor(connection)


@pytest.mark.django_db(transaction=True)
def test_after_the_upgrade_tickets_are_found_by_all_they_have() -> None:
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    ticket = cast.new_ticket(subject="再発行 refund")
    ticket.tags.add(Tag.objects.create(name="zebra"))
    index_ticket(ticket)
    try:
        migrate(BEFORE)
        with connection.cursor() as cursor:  # the older version finds it
            cursor.execute("SELECT rowid FROM tickets_fulltext")
            assert cursor.fetchall() == [(ticket.pk,)]
    finally:
        migrate(*newest)
    assert (search_tickets("refund"), index.waiting()) == ([], 1)
    assert tasks.index_waiting() == 1
    assert search_tickets("zebra 再発行") == [ticket.pk] and find("refnud", 5).ids == [ticket.pk]
    assert not TicketToIndex.objects.exists() and Ticket.objects.count() == 1
