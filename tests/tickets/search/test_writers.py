"""Whoever changes a text of a ticket renews its row in the index in the same transaction."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests import cast
from tests.tickets.undoing import undo_events
from tickets import assignment, lifecycle, notes, outbox, search, uploads
from tickets.mail import message_creation
from tickets.mail.mime.addresses import Address
from tickets.mail.mime.body import Part
from tickets.models import Customer, Tag, Ticket, TicketToIndex, User
from tickets.search import index, search_tickets


def upload(ticket: Ticket, owner: User, name: str, for_note: bool = False) -> int:
    file = SimpleUploadedFile(name, b"some bytes", "text/plain")
    return uploads.receive(ticket, owner, file, for_note=for_note).pk


def new_mail(text: str = "Hello", name: str = "", **more: Any) -> message_creation.Added:
    sender = Address(name=name, email="tomas@okafor.example")
    return message_creation.add(message_creation.from_text(sender, "Subject", text, **more), None, "email")


@pytest.fixture
def indexed(ticket: Ticket) -> Ticket:
    search.index_ticket(ticket)
    return ticket


def test_a_new_message_with_its_files(db: None) -> None:
    added = new_mail("about the zebra", parts=[Part("Lieferschein_2024.pdf", "application/pdf", b"%PDF")])
    for query in ("zebra", "lieferschein", "2024.pdf", "Lieferschein_2024.pdf", "Subject"):
        assert search_tickets(query) == [added.ticket.pk], query
    message_creation.add(
        message_creation.from_text(Address(name="", email="tomas@okafor.example"), "Re", "a giraffe"),
        added.ticket,
        "email",
    )
    assert search_tickets("zebra giraffe") == [added.ticket.pk]


def test_the_name_of_a_program_that_was_refused(db: None) -> None:
    added = new_mail(parts=[Part("invoice.exe", "application/octet-stream", b"MZ")])
    assert search_tickets("invoice.exe") == [added.ticket.pk]


def test_a_note_with_its_file(indexed: Ticket, mira: User) -> None:
    notes.write(indexed, mira, "call the zoo", uuid4(), [upload(indexed, mira, "zoo-plan.txt", for_note=True)])
    assert search_tickets("zoo-plan") == search_tickets("call zoo") == [indexed.pk]


def test_a_reply_with_its_file_and_its_undo(indexed: Ticket, mira: User) -> None:
    """What was undone can be read on the ticket and is found; its file is no longer there."""
    reply = outbox.write_reply(
        indexed, mira, "the zebra is fine", submission=uuid4(), files=[upload(indexed, mira, "stripes.txt")]
    )
    assert search_tickets("stripes.txt zebra") == [indexed.pk]
    assert outbox.undo(reply.pk, mira)
    assert search_tickets("stripes") == [] and search_tickets("zebra") == [indexed.pk]


def test_tags_and_their_undo(indexed: Ticket, mira: User) -> None:
    closing = lifecycle.close(indexed, mira, ["Zebra-crossing"])
    assert search_tickets("zebra-crossing") == [indexed.pk]
    undo_events(closing, mira)
    assert search_tickets("zebra") == []


def test_a_transfer_with_its_note(indexed: Ticket, mira: User) -> None:
    assignment.transfer(indexed, cast.team("Zoo"), "for the giraffes", mira)
    assert search_tickets("giraffes") == [indexed.pk]


def test_the_name_that_a_later_mail_tells(db: None) -> None:
    """A customer without a name gets it from the next mail: the tickets before are found by it too."""
    first = new_mail("first").ticket
    Customer.objects.filter(email="tomas@okafor.example").update(name="")
    second = new_mail("second", name="Wilhelmina Zebrowski").ticket
    assert set(search_tickets("wilhelmina")) == {first.pk, second.pk}


def change(client: Client, page: str, pk: int, **values: Any) -> None:
    client.force_login(cast.ada())
    address = reverse(f"admin:tickets_{page}_change", args=[pk])
    form = client.get(address).context["adminform"].form
    given = {name: form.initial.get(name) for name in form.fields} | values
    answer = client.post(address, {name: value for name, value in given.items() if value is not None})
    assert answer.status_code == 302, answer.context["errors"]


def test_a_tag_that_is_renamed(client: Client, indexed: Ticket, mira: User) -> None:
    lifecycle.close(indexed, mira, ["zebra"])
    change(client, "tag", Tag.objects.get().pk, name="giraffe")
    assert (search_tickets("giraffe"), search_tickets("zebra")) == ([indexed.pk], [])


def test_a_customer_who_is_renamed(client: Client, indexed: Ticket) -> None:
    change(client, "customer", indexed.customer_id, name="Wilhelmina Zebrowski")
    assert (search_tickets("zebrowski"), search_tickets("okafor wilhelmina")) == ([indexed.pk], [indexed.pk])
    assert search_tickets("tomas wilhelmina") == [indexed.pk]  # by the address


def test_what_many_tickets_share_is_renewed_by_the_job(db: None, mira: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "AT_ONCE", 2)
    tag = Tag.objects.create(name="zebra")
    made = [cast.new_ticket() for _ in range(5)]
    for each in made:
        each.tags.add(tag)
    search.renew(tag.tickets.all())
    assert set(search_tickets("zebra")) == {each.pk for each in made[-2:]}  # the newest at once
    assert index.waiting() == 3 and index.work_off(10) == 3
    assert set(search_tickets("zebra")) == {each.pk for each in made} and not TicketToIndex.objects.exists()


@pytest.mark.parametrize(
    "write",
    [
        lambda ticket, user: notes.write(ticket, user, "a zebra"),
        lambda ticket, user: outbox.write_reply(ticket, user, "a zebra", submission=None),
        lambda ticket, user: lifecycle.close(ticket, user, ["zebra"]),
        lambda ticket, user: assignment.transfer(ticket, cast.team("Zoo"), "a zebra", user),
    ],
)
def test_what_is_not_committed_is_not_found(indexed: Ticket, mira: User, write: Callable[[Ticket, User], Any]) -> None:
    class Stopped(Exception):
        pass

    with pytest.raises(Stopped), transaction.atomic():
        write(indexed, mira)
        assert search_tickets("zebra") == [indexed.pk]
        raise Stopped
    assert search_tickets("zebra") == []


def test_while_another_writer_adds_words_the_ticket_waits_for_the_job(indexed: Ticket) -> None:
    """On PostgreSQL, where two could block each other (vocabulary.learn)."""
    with patch("tickets.search.vocabulary.learn", side_effect=list):
        search.index_ticket(indexed)
    assert index.waiting() == 1 and search_tickets("charged") == [indexed.pk]
    assert index.work_off(10) == 1 and index.waiting() == 0
