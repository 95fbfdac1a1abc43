"""The minute's job: what was missed is read, stored or removed, a bounded part in each run."""

from typing import Any

import numpy as np
import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from copilot.models import SolvedTicket
from copilot.similar import indexing, likeness, remembering, walking
from copilot.similar.walking import BLOCK, BLOCKS, MOST, Kept, blocks, keep
from knowledge.index.embeddings import EmbedderUnavailable, FakeEmbedder
from knowledge.index.vectors import Entry, IndexDamaged, IndexUnavailable
from knowledge.sync import recovery
from tests import cast
from tests.copilot.similar.conftest import ASKED, OTHER, closed, kept, reopen, row_of
from tests.copilot.summaries.conftest import say
from tests.knowledge.fakes import MemoryStore
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db


def entry(number: int, text_hash: str = "old") -> Entry:
    return Entry(number, number, text_hash, np.ones(FakeEmbedder.dimension, dtype=np.float32))


def only_the_newest_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL goes on counting between tests, so the numbers may be those of a desk with several blocks."""
    monkeypatch.setattr(walking, "BLOCKS", 0)


def test_closed_tickets_are_read_and_stored(store: MemoryStore, mira: Any) -> None:
    one, two, _open = closed(), closed(OTHER, subject="Invoices"), cast.new_ticket()
    assert keep() == Kept(2, 2, 0)
    assert {number: each.content_hash for number, each in store.entries.items()} == {
        ticket.pk: row_of(ticket).text_hash for ticket in (one, two)
    }


def test_a_second_run_has_nothing_to_do(store: MemoryStore, mira: Any) -> None:
    closed()
    keep()
    assert keep() == Kept() and store.calls.count("upsert") == 1


@pytest.mark.parametrize("lost", ["row", "vector", "both"])
def test_whatever_was_lost_is_made_again(store: MemoryStore, mira: Any, lost: str) -> None:
    """A process was killed between the two, a job was lost, Chroma's folder was deleted."""
    ticket = closed()
    keep()
    if lost != "vector":
        SolvedTicket.objects.all().delete()
    if lost != "row":
        store.entries.clear()
    keep()
    assert row_of(ticket).text_hash == store.entries[ticket.pk].content_hash


def test_another_embedder_has_an_empty_store_which_is_filled(
    store: MemoryStore, mira: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed()
    keep()
    monkeypatch.setattr(walking.indexing, "store_of", lambda embedder: (other := MemoryStore()) or other)
    assert keep() == Kept(0, 1, 0)


def test_a_vector_of_other_words_is_replaced(store: MemoryStore, mira: Any) -> None:
    ticket = closed()
    store.upsert([entry(ticket.pk)])
    keep()
    assert store.entries[ticket.pk].content_hash == row_of(ticket).text_hash


@pytest.mark.parametrize("how", ["reopened", "deleted", "deleted, the newest", "still fails", "never closed"])
def test_vectors_of_tickets_that_do_not_count_are_removed(store: MemoryStore, mira: Any, how: str) -> None:
    first, second = closed(OTHER), closed()
    ticket, other = (second, first) if how == "deleted, the newest" else (first, second)
    keep()
    number = ticket.pk
    match how:
        case "reopened":
            reopen(ticket)
        case "still fails":
            say(ticket, "customer", "It still does not work.")
        case "never closed":
            number = cast.new_ticket().pk
            store.upsert([entry(number)])
        case _:
            ticket.delete()
    keep()
    assert number not in store.entries and other.pk in store.entries


def test_a_ticket_closed_while_the_others_are_compared_keeps_its_vector(store: MemoryStore, mira: Any) -> None:
    """Another process stored it after this one had asked SQL."""
    ticket = closed()
    keep()
    answer = store.hashes

    def late(*given: Any) -> dict[int, str]:
        Ticket.objects.filter(pk=ticket.pk).update(status="closed", closed_at=ticket.closed_at)
        return answer(*given)

    Ticket.objects.filter(pk=ticket.pk).update(status="open", closed_at=None)
    store.hashes = late  # type: ignore[method-assign]
    keep()
    assert ticket.pk in store.entries


def test_a_ticket_without_words_to_compare_has_a_row_and_no_vector(store: MemoryStore, mira: Any) -> None:
    ticket = closed("?!", subject="Hello")
    keep()
    assert row_of(ticket).text_hash == "" and row_of(ticket).answer and not store.entries


def test_a_run_is_bounded(store: MemoryStore, mira: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walking, "MOST", 2)
    tickets = [closed() for _ in range(5)]
    assert keep() == Kept(2, 2, 0, left=True)
    assert sorted(store.entries) == [each.pk for each in tickets[-2:]], "the newest first"
    assert keep() == Kept(2, 2, 0, left=True) and keep() == Kept(1, 1, 0)


def test_a_run_ends_when_its_time_is_over(store: MemoryStore, mira: Any) -> None:
    closed()
    assert keep(patience=-1).left and not SolvedTicket.objects.exists()


def test_of_what_is_read_already_only_the_vectors_are_made(store: MemoryStore, mira: Any) -> None:
    closed()
    keep()
    store.entries.clear()
    assert keep() == Kept(0, 1, 0)


class TestBlocks:
    def test_they_go_down_and_begin_again_at_the_newest(self) -> None:
        newest = 3 * BLOCK + 100
        assert list(blocks(newest, 700)) == [(201, 700), (1, 200), (newest - BLOCK + 1, newest)]

    def test_at_most_so_many_in_a_run(self) -> None:
        found = list(blocks(1_000_000, 1_000_000))
        assert len(found) == BLOCKS and found[0] == (999_501, 1_000_000) and found[-1][0] == 995_001

    def test_every_number_has_its_turn(self) -> None:
        newest, place, seen = 20 * BLOCK + 7, 1234, set[int]()
        for _ in range(20):
            for first, last in blocks(newest, place):
                seen.update(range(first, last + 1))
                place = first - 1
        assert seen == set(range(1, newest + 1))

    def test_a_new_process_begins_anywhere(self) -> None:
        begun = {next(blocks(1_000_000, None))[1] for _ in range(9)}
        assert len(begun) > 1 and all(1 <= each <= 1_000_000 for each in begun)

    @pytest.mark.parametrize("place", [None, 0, -5, 10**9])
    def test_any_place_will_do(self, place: int | None) -> None:
        """The newest tickets may have been deleted."""
        assert all(1 <= first <= last <= 1000 for first, last in blocks(1000, place))

    def test_a_small_desk_has_only_the_newest_block(self) -> None:
        assert list(blocks(BLOCK - 1, None)) == [] == list(blocks(0, None))


def test_old_tickets_have_their_turn(store: MemoryStore, mira: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The place is kept between runs; where something is left, the next run continues there."""
    monkeypatch.setattr(walking, "BLOCK", 2)
    monkeypatch.setattr(walking, "BLOCKS", 2)
    tickets = [closed() for _ in range(9)]
    first = tickets[0].pk
    cache.set(walking.PLACE, first + 3, None)
    keep()
    assert cache.get(walking.PLACE) == first - 1
    assert sorted(store.entries) == [each.pk for each in (*tickets[:4], *tickets[-2:])]
    cache.set(walking.PLACE, tickets[5].pk, None)
    monkeypatch.setattr(walking, "MOST", 1)
    assert keep().left and cache.get(walking.PLACE) == tickets[5].pk


def test_a_ticket_that_cannot_be_read_does_not_hold_up_the_others(
    store: MemoryStore, mira: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    good, bad = closed(), closed()
    remember = remembering.remember

    def fails(number: int) -> bool:
        if number == bad.pk:
            raise ValueError(ASKED)
        return remember(number)

    monkeypatch.setattr(remembering, "remember", fails)
    assert keep().read == 1 and list(store.entries) == [good.pk]
    assert f"ticket={bad.pk} error=ValueError" in caplog.text and ASKED not in caplog.text
    assert keep() == Kept(), "it is tried again in an hour"
    cache.delete(walking.FAILED)
    monkeypatch.undo()


class TestDegraded:
    def test_without_chroma_tickets_are_read_and_vectors_wait(self, store: MemoryStore, mira: Any) -> None:
        ticket, store.fail_after = closed(), 0
        with pytest.raises(IndexUnavailable):
            keep()
        assert row_of(ticket).answer
        store.fail_after = None
        assert keep() == Kept(0, 1, 0)

    def test_without_an_embedder_they_wait_too(
        self, store: MemoryStore, mira: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ticket = closed()

        def fails(self: FakeEmbedder, texts: list[str]) -> np.ndarray:
            raise EmbedderUnavailable("No model.")

        with monkeypatch.context() as patched:
            patched.setattr(FakeEmbedder, "embed_passages", fails)
            with pytest.raises(EmbedderUnavailable):
                keep()
        assert row_of(ticket).answer and keep() == Kept(0, 1, 0)

    def test_damaged_vectors_start_over_when_they_fail_again(
        self, store: MemoryStore, mira: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ticket, store.damaged = closed(), True
        with pytest.raises(IndexDamaged):
            keep()
        monkeypatch.setattr(recovery, "CHANCE", -1.0)
        assert keep().left and "start_over" in store.calls
        kept(ticket)
        assert ticket.pk in store.entries

    def test_trouble_of_the_articles_vectors_is_noted_apart(self, store: MemoryStore, mira: Any) -> None:
        closed()
        store.damaged = True
        with pytest.raises(IndexDamaged):
            keep()
        recovery.forget()
        assert recovery._note(walking.TROUBLE).exists()
        store.damaged = False
        keep()
        assert not recovery._note(walking.TROUBLE).exists()


def test_a_block_takes_a_constant_number_of_queries(
    store: MemoryStore, mira: Any, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    only_the_newest_block(monkeypatch)
    for _ in range(3):
        closed()
    keep()
    with django_assert_num_queries(5):
        keep()
    for _ in range(6):
        closed()
    kept()
    with django_assert_num_queries(5):
        keep()


def test_many_vectors_of_tickets_that_are_gone_take_no_more_queries(
    store: MemoryStore, mira: Any, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    only_the_newest_block(monkeypatch)
    last = closed().pk
    keep()
    for number in range(last + 1, last + 60):
        store.upsert([Entry(number, number, "gone", store.entries[last].vector)])
    with django_assert_num_queries(6):
        assert keep().deleted == 59


@pytest.mark.any_database
def test_no_query_looks_through_all_closed_tickets(db: None) -> None:
    """SQLite knows no statistics: asked by status, it takes the index of the queue, with every closed ticket in it."""
    block = SolvedTicket.objects.filter(pk__in=indexing.counting().filter(ticket__in=range(500)))
    assert "ticket_queue" not in block.explain()
    with CaptureQueriesContext(connection) as queries:
        remembering.outdated(1, 500)
    assert "status" not in " ".join(query["sql"].partition("WHERE")[2] for query in queries)


def test_vectors_are_made_in_one_go(store: MemoryStore, mira: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    vectors = likeness.vectors
    monkeypatch.setattr(
        likeness, "vectors", lambda asked, embedder: calls.append(len(asked)) or vectors(asked, embedder)
    )
    for _ in range(4):
        closed()
    keep()
    assert calls == [4] and MOST <= 64


def test_nothing_is_there(store: MemoryStore, db: None) -> None:
    assert keep() == Kept() and not Message.objects.exists()
