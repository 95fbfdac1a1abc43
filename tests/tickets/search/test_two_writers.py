"""Two writers of the index at once, on PostgreSQL: no words are lost, and none waits for another ticket's words."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.contrib import admin
from django.db import connections, transaction

from tests import cast
from tests.tickets.desk.test_locks import at_once
from tickets import notes
from tickets.mail import message_creation
from tickets.mail.mime.addresses import Address
from tickets.models import Customer, Tag, Term, Ticket, TicketToIndex, User
from tickets.search import find, index, index_ticket, search_tickets

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgresql]


def test_of_two_notes_at_the_same_moment_both_are_found(ticket: Ticket, mira: User, jonas: User) -> None:
    def note(author: User, text: str) -> str:
        return notes.write(ticket, author, text).text

    assert at_once(lambda: note(mira, "a zebra"), lambda: note(jonas, "a giraffe")) == "a giraffe"
    assert search_tickets("zebra giraffe") == [ticket.pk]


def test_a_tag_is_renamed_while_the_job_indexes_its_tickets(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job must not take a ticket off the list that is being put on it again."""
    monkeypatch.setattr(index, "AT_ONCE", 2)
    tag = Tag.objects.create(name="zebra")
    made = [cast.new_ticket(subject=f"Refund {number}") for number in range(5)]
    tag.tickets.set(made)
    index.index_later([each.pk for each in made[:3]])

    def job() -> int:
        try:
            return index.work_off(0)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Tag.objects.filter(pk=tag.pk).update(name="giraffe")
        with monkeypatch.context() as others:  # a third one is adding words
            others.setattr(index.vocabulary, "learn", lambda texts: list(texts))
            index.renew(tag.tickets.all())
        pool.submit(job).result(timeout=20)  # with the old name
    index.work_off(10)
    assert sorted(search_tickets("giraffe")) == [each.pk for each in made] and not search_tickets("zebra")


@pytest.mark.parametrize("first", ["the ticket", "the name"])
def test_a_new_ticket_of_a_customer_who_is_renamed_is_found_by_the_new_name(db: None, first: str) -> None:
    customer = Customer.objects.create(email="lena@haas.example", name="Zebra")
    old = cast.new_ticket(customer=customer)

    def arrives() -> None:
        with transaction.atomic():
            content = message_creation.from_text(Address("", customer.email), "Subject", "Hello")
            message_creation.add(content, None, Ticket.Channel.EMAIL)

    def renamed() -> None:
        customer.name = "Giraffe"
        admin.site._registry[Customer].save_model(None, customer, SimpleNamespace(changed_data=["name"]), change=True)

    order = (arrives, renamed) if first == "the ticket" else (renamed, arrives)
    assert at_once(*order) is None
    index.work_off(10)
    assert sorted(search_tickets("giraffe")) == [old.pk, Ticket.objects.exclude(pk=old.pk).get().pk]


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
