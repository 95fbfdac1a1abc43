"""tickets/starting: what is created when an agent writes to a customer first, and how often."""

import uuid

import pytest

from tests import cast
from tests.tickets.desk.test_locks import at_once
from tests.tickets.starting.conftest import started
from tickets import lifecycle
from tickets.mail.mime.addresses import Address
from tickets.models import Customer, Ticket, TicketEvent, User
from tickets.search import find
from tickets.starting.starting import start
from tickets.views.wording import sentence

pytestmark = pytest.mark.django_db


def test_the_ticket_is_the_agents_and_says_where_it_is_from(mira: User) -> None:
    Customer.objects.filter(pk=cast.lena().pk).update(language="de")
    ticket = Ticket.objects.get(pk=started(mira, team=cast.team("Billing")).pk)
    assert (ticket.customer, ticket.subject, ticket.status) == (cast.lena(), "Your invoice", "open")
    assert (ticket.assignee, ticket.team, ticket.channel) == (mira, cast.team("Billing"), "outgoing")
    assert (ticket.language, ticket.first_response_at, ticket.preparation) == ("de", None, "")
    assert not ticket.messages.exists()


def test_the_timeline_says_who_started_it(empty: Ticket, mira: User) -> None:
    event = empty.events.get()
    assert (event.kind, event.actor, sentence(event)) == ("started", mira, "Ticket started")


def test_a_new_customer_is_added(mira: User) -> None:
    ticket = started(mira, to=Address("Nora Vik", "nora@vik.example"))
    assert (ticket.customer.name, ticket.customer.email, ticket.language) == ("Nora Vik", "nora@vik.example", "")


def test_a_known_customer_is_found_in_any_case(mira: User) -> None:
    assert started(mira, to=Address("", "LENA@Haas.example")).customer == cast.lena()
    assert cast.lena().name == "Lena Haas"


def test_one_submission_is_one_ticket(mira: User) -> None:
    submission, to = uuid.uuid4(), Address("", "nora@vik.example")
    first = start(mira, to, "Your invoice", None, submission)
    again = start(mira, Address("", "other@vik.example"), "Another", None, submission)
    assert (first.again, again.again) == (False, True) and first.ticket == again.ticket
    assert Ticket.objects.count() == 1 and Customer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql  # SQLite lets one write at a time
def test_two_tries_at_the_same_moment_are_one_ticket(mira: User) -> None:
    submission, to = uuid.uuid4(), Address("", "nora@vik.example")
    again = at_once(
        lambda: start(mira, to, "Your invoice", None, submission),
        lambda: start(mira, to, "Your invoice", None, submission),
    )
    assert again.again and Ticket.objects.get() == again.ticket


def test_the_same_id_of_another_member_is_another_submission(mira: User, jonas: User) -> None:
    submission = uuid.uuid4()
    assert started(mira, submission=submission) != started(jonas, submission=submission)


def test_it_is_found_by_its_subject(empty: Ticket) -> None:
    assert find("invoice", 10).ids == [empty.pk]


def test_an_empty_one_is_closed_without_a_question(empty: Ticket, mira: User) -> None:
    events = lifecycle.close(empty, mira, [], ask=True)
    assert [event.kind for event in events] == [TicketEvent.Kind.STATUS] and empty.status == "closed"
