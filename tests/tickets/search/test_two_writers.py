"""Two writers of the index at once, on PostgreSQL: no words are lost, and none waits for another ticket's words."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from tests import cast
from tests.tickets.desk.test_locks import at_once
from tickets import notes
from tickets.models import Term, Ticket, TicketToIndex, User
from tickets.search import find, index, index_ticket, search_tickets

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def test_of_two_notes_at_the_same_moment_both_are_found(ticket: Ticket, mira: User, jonas: User) -> None:
    def note(author: User, text: str) -> str:
        return notes.write(ticket, author, text).text

    assert at_once(lambda: note(mira, "a zebra"), lambda: note(jonas, "a giraffe")) == "a giraffe"
    assert search_tickets("zebra giraffe") == [ticket.pk]


def test_two_tickets_with_the_same_new_words_do_not_wait_for_each_other(db: None) -> None:
    one, other = cast.new_ticket(subject="Zebra and giraffe"), cast.new_ticket(subject="Giraffe and zebra")

    def second() -> None:
        try:
            index_ticket(other)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        index_ticket(one)
        pool.submit(second).result(timeout=10)
    assert set(search_tickets("zebra")) == {one.pk, other.pk}
    assert list(TicketToIndex.objects.values_list("ticket", flat=True)) == [other.pk]
    assert index.work_off(10) == 1 and Term.objects.get(term="zebra").again
    assert find("zebar", 5).replaced == (("zebar", ("zebra",)),)
