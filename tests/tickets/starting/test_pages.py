"""The dialog of new tickets, and what the desk shows of a ticket that we started."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests import cast
from tests.tickets.starting.conftest import started
from tickets import outbox
from tickets.models import Customer, Message, Ticket, User

Post = Callable[..., HttpResponse]


@pytest.fixture
def desk(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


@pytest.fixture
def post(desk: Client) -> Post:
    def send(**fields: Any) -> HttpResponse:
        given = {"to": "Nora Vik <nora@vik.example>", "subject": "Your invoice", "team": "", "submission": uuid.uuid4()}
        return desk.post(reverse("tickets:new_ticket"), given | fields)

    return send


def part(desk: Client, name: str, ticket: Ticket) -> str:
    answer = desk.get(reverse(f"tickets:{name}", args=[ticket.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


# --- creating ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("to", "name", "email"),
    [
        ("Nora Vik <nora@vik.example>", "Nora Vik", "nora@vik.example"),
        ('"Vik, \\"Nora\\" \\\\" <nora@vik.example>', 'Vik, "Nora" \\', "nora@vik.example"),
        (" nora@VIK.example ", "", "nora@vik.example"),
        ("José <josé@vik.example>", "José", "josé@vik.example"),
    ],
)
def test_a_ticket_is_created(post: Post, mira: User, to: str, name: str, email: str) -> None:
    answer = post(to=to, team=cast.team().pk)
    ticket = Ticket.objects.get()
    assert answer.json() == {"ticket": ticket.pk, "same": True}
    assert (ticket.customer.name, ticket.customer.email) == (name, email)
    assert (ticket.assignee, ticket.team, ticket.channel) == (mira, cast.team(), "outgoing")


def test_pressed_twice_it_is_one(post: Post) -> None:
    submission = uuid.uuid4()
    first, second = post(submission=submission).json(), post(submission=submission).json()
    assert first == second and Ticket.objects.count() == 1


def test_a_retry_with_another_subject_says_that_the_first_had_arrived(post: Post) -> None:
    submission = uuid.uuid4()
    post(submission=submission)
    assert post(submission=submission, subject="Another").json() == {"ticket": Ticket.objects.get().pk, "same": False}


@pytest.mark.parametrize(
    ("fields", "name", "words"),
    [
        ({"to": ""}, "to", "Choose a customer"),
        ({"to": "nora"}, "to", "Type one address"),
        ({"to": "nora@vik"}, "to", "Type one address"),
        ({"to": "a@vik.example, b@vik.example"}, "to", "one customer"),
        ({"to": "support@tallybird.example"}, "to", "our own address"),
        ({"to": "Us <support+0123456789abcdef@Tallybird.example>"}, "to", "our own address"),
        ({"to": "x" * 601}, "to", "Type one address"),
        ({"subject": "  "}, "subject", "Write a subject"),
        ({"subject": "\x01\x02"}, "subject", "Write a subject"),
        ({"subject": "x" * 301}, "subject", "too long"),
        ({"team": "987654"}, "team", "no longer exists"),
        ({"team": "²"}, "team", "no longer exists"),
        ({"submission": ""}, "submission", "reload the page"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(post: Post, fields: dict, name: str, words: str) -> None:
    answer = post(**fields)
    assert answer.status_code == 422 and not Ticket.objects.exists() and not Customer.objects.exists()
    errors = answer.json()["errors"]
    assert list(errors) == [name] and words in errors[name]


def test_an_odd_address_that_has_written_to_us_is_taken(post: Post) -> None:
    Customer.objects.create(email="nora@intranet")
    assert post(to="nora@intranet").status_code == 200


@pytest.mark.parametrize("who", [cast.ken, cast.otto])
def test_only_who_works_on_tickets_starts_one(client: Client, db: None, who: Callable[[], User]) -> None:
    client.force_login(who())
    fields = {"to": "nora@vik.example", "subject": "x", "submission": uuid.uuid4()}
    assert client.post(reverse("tickets:new_ticket"), fields).status_code == 403
    assert client.get(reverse("tickets:customer_tickets"), {"email": "lena@haas.example"}).status_code == 403
    assert not Ticket.objects.exists()


# --- the customer's other tickets ------------------------------------------------------


def others(desk: Client, email: str) -> str:
    return desk.get(reverse("tickets:customer_tickets"), {"email": email}).content.decode()


def test_tickets_of_the_customer_that_are_not_closed_are_shown(desk: Client) -> None:
    lena = cast.lena()
    for number in range(4):
        cast.new_ticket(lena, subject=f"Question {number}", status="pending" if number % 2 else "open")
    closed = cast.new_ticket(lena, subject="Done")
    closed.status, closed.closed_at = "closed", closed.created_at
    closed.save()
    cast.new_ticket(cast.tomas(), subject="Of somebody else")
    page = others(desk, "LENA@haas.example")
    assert "Lena Haas has 4 tickets that are not closed:" in page
    assert page.count("data-open") == 3 and "Question 3" in page and "Question 0" not in page
    assert "Done" not in page and "somebody else" not in page


@pytest.mark.parametrize("email", ["tomas@okafor.example", "nobody@here.example", "", "nonsense", "x" * 999])
def test_nothing_is_said_of_who_has_none(desk: Client, email: str) -> None:
    cast.tomas()
    assert not others(desk, email).strip()


# --- what the desk shows ------------------------------------------------------


def test_the_header_does_not_say_that_a_reply_is_missing(desk: Client, empty: Ticket, mira: User) -> None:
    assert "started by us" in (page := part(desk, "header", empty)) and "no reply yet" not in page
    outbox.write_reply(empty, mira, "Hello", submission=None, then="open")
    assert "started by us" in part(desk, "header", empty)
    Message.objects.create(ticket=empty, kind="customer", text="Hello?")
    assert "no reply yet" in part(desk, "header", empty)


def test_an_empty_conversation_offers_to_discard(desk: Client, empty: Ticket) -> None:
    page = part(desk, "conversation", empty)
    assert "No messages in this ticket yet." in page and 'data-do="discard"' in page
    answer = desk.post(reverse("tickets:close", args=[empty.pk]), {"tags": "", "ask": "1"})
    assert answer.status_code == 200
    assert "discard" not in part(desk, "conversation", empty)


def test_a_ticket_with_a_message_is_not_discarded(desk: Client, empty: Ticket, mira: User) -> None:
    outbox.write_reply(empty, mira, "Hello", submission=None)
    assert "discard" not in part(desk, "conversation", empty)


def rows(desk: Client, **query: str) -> str:
    return desk.get(reverse("tickets:queue"), {"view": "open"} | query).content.decode()


def test_its_row_says_that_there_is_no_message(desk: Client, empty: Ticket, mira: User, settings: Any) -> None:
    settings.UNDO_SEND_SECONDS = 30
    cast.new_ticket()
    assert rows(desk).count("No messages yet") == 1
    assert "No messages yet" in rows(desk, q="invoice")
    Message.objects.create(ticket=empty, kind="note", author=mira, text="On the phone.")
    assert "No messages yet" in rows(desk)
    message = outbox.write_reply(empty, mira, "Hello", submission=None, then="open")
    assert "No messages yet" not in rows(desk)
    outbox.undo(message.pk, mira)
    assert "No messages yet" in rows(desk)


def test_twenty_rows_take_as_many_queries_as_two(desk: Client, mira: User) -> None:
    counts = []
    for more in (2, 18):
        for _ in range(more):
            started(mira)
        with CaptureQueriesContext(connection) as found:
            rows(desk)
        counts.append(len(found))
    assert counts[0] == counts[1]


def test_the_desk_has_the_button_and_the_dialog(desk: Client) -> None:
    cast.team("Billing")
    page = desk.get(reverse("tickets:desk")).content.decode()
    assert 'data-do="newTicket"' in page and 'id="dialog-new-ticket"' in page
    assert ">Billing</option>" in page[page.index('id="new-ticket-team"') :]


# --- the copilot -------------------------------------------------------------------------

PARTS = ("draft", "sources", "hits", "triage", "escalate", "summary", "similar", "history", "revise")


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("name", PARTS)
def test_the_copilots_parts_are_calm(desk: Client, empty: Ticket, mira: User, name: str, written: bool) -> None:
    if written:
        outbox.write_reply(empty, mira, "Hello", submission=None)
    answer = desk.get(reverse(f"copilot:{name}", args=[empty.pk]))
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "skeleton" not in page and "Searching" not in page
    if name == "draft":
        assert json.loads(page)["draft"] is None
    if name == "triage":
        assert "no message from the customer yet" in page


def test_a_draft_and_a_correction_are_refused_with_a_sentence(desk: Client, empty: Ticket) -> None:
    for answer in (
        desk.post(reverse("copilot:draft", args=[empty.pk])),
        desk.get(reverse("copilot:triage_correct", args=[empty.pk])),
    ):
        assert answer.status_code == 422 and "no message from the customer" in answer.json()["error"]


def test_the_check_before_sending_works(desk: Client, empty: Ticket) -> None:
    answer = desk.post(reverse("copilot:presend", args=[empty.pk]), {"text": "Hello Lena, your invoice is ready."})
    assert answer.status_code == 200
