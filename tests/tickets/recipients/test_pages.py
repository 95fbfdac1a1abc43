"""The recipients of a reply in requests: what the composer gets and sends, addresses while they are typed."""

import json
import uuid
from typing import Any

import pytest
from django.test import Client

from tests import cast
from tests.tickets.mails import raw
from tickets import outbox
from tickets.mail import intake, recipient_rows
from tickets.mail.mime.addresses import Address
from tickets.mail.recipients import Recipients
from tickets.models import Message, OutgoingMail, Recipient, Ticket, User

pytestmark = pytest.mark.django_db
TOMAS = {"name": "Tomas Okafor", "email": "tomas@okafor.example"}
ANNA = {"name": "Anna Berg", "email": "anna@berg.example"}


@pytest.fixture
def desk(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


def send(desk: Client, ticket: Ticket, asked: Any, **fields: Any) -> Any:
    sent = {"text": "Hello", "submission": uuid.uuid4()} | fields
    sent |= {} if asked is None else {"recipients": asked if isinstance(asked, str) else json.dumps(asked)}
    return desk.post(f"/desk/{ticket.pk}/reply", sent)


def test_the_composer_gets_who_is_in_the_latest_mail(desk: Client, ticket: Ticket) -> None:
    asked = ticket.messages.get().message_id
    intake.receive(raw(cc="Anna Berg <anna@berg.example>", in_reply_to=f"<{asked}>", message_id="<2@x>"))
    intake.receive(raw(sender="Carla <carla@neri.example>", in_reply_to=f"<{asked}>", message_id="<3@x>"))
    found = desk.get(f"/desk/{ticket.pk}/recipients").json()
    assert found["customer"] == TOMAS
    assert found["all"] == {"to": [TOMAS], "cc": [ANNA], "bcc": []}
    assert found["offered"] == [{"name": "Carla", "email": "carla@neri.example"}]
    assert found["known"] == ["anna@berg.example", "carla@neri.example", "tomas@okafor.example"]
    page = desk.get(f"/desk/{ticket.pk}/pane").context["recipients_json"]
    assert json.loads(page) == found


def test_a_reply_goes_to_those_who_were_chosen(desk: Client, ticket: Ticket) -> None:
    answer = send(desk, ticket, {"to": [TOMAS], "cc": [ANNA], "bcc": []})
    assert answer.status_code == 200 and answer.json()["same"]
    message = Message.objects.get(kind="reply")
    assert list(message.recipients.values_list("kind", "name", "email")) == [
        ("to", "Tomas Okafor", "tomas@okafor.example"),
        ("cc", "Anna Berg", "anna@berg.example"),
    ]


def test_a_page_that_sends_no_recipients_reaches_the_customer_alone(desk: Client, ticket: Ticket) -> None:
    assert send(desk, ticket, None).status_code == 200
    assert Recipient.objects.get().email == "tomas@okafor.example"


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"cc": [{"name": "", "email": "anna@"}]}, "“anna@” is not an email address."),
        ({"bcc": [{"name": "", "email": "support@tallybird.example"}]}, "is the address of this desk"),
        ({"cc": [{"email": f"a{number}@x.example"} for number in range(50)]}, "can go to 50 addresses"),
        ({"cc": "anna@berg.example"}, "Please reload the page"),
        ("{", "Please reload the page"),
    ],
)
def test_bad_recipients_are_refused_with_a_sentence_and_nothing_is_sent(
    desk: Client, ticket: Ticket, asked: Any, error: str
) -> None:
    answer = send(desk, ticket, asked)
    assert answer.status_code == 422 and error in answer.json()["error"]
    assert not OutgoingMail.objects.exists()


def test_a_second_try_with_other_people_says_that_it_is_not_the_same(desk: Client, ticket: Ticket) -> None:
    """The first one has gone. Its answer was lost, so the agent does not know."""
    submission = uuid.uuid4()
    assert send(desk, ticket, {"cc": []}, submission=submission).json()["same"]
    assert not send(desk, ticket, {"cc": [ANNA]}, submission=submission).json()["same"]
    assert Message.objects.filter(kind="reply").count() == 1


def test_the_same_number_of_other_people_is_not_the_same_either(desk: Client, ticket: Ticket) -> None:
    submission = uuid.uuid4()
    assert send(desk, ticket, {"cc": [ANNA]}, submission=submission).json()["same"]
    assert not send(desk, ticket, {"cc": []}, submission=submission).json()["same"]


def test_undo_gives_the_recipients_back(desk: Client, ticket: Ticket) -> None:
    message = send(desk, ticket, {"to": [TOMAS], "cc": [], "bcc": [ANNA]}).json()["message"]
    answer = desk.post(f"/messages/{message}/undo-send")
    assert answer.json()["recipients"] == {"to": [TOMAS], "cc": [], "bcc": [ANNA]}


def test_a_reply_that_some_did_not_get_says_who(desk: Client, ticket: Ticket, mira: User) -> None:
    asked = Recipients((), (Address("Anna Berg", "anna@berg.example"),))
    message = outbox.write_reply(ticket, mira, "Hello", submission=None, recipients=asked)
    recipient_rows.accept(message, {"anna@berg.example": "The mail server answered 550: no such user"})
    OutgoingMail.objects.update(state="failed", error="The mail server answered 550: no such user")
    for address in (f"/messages/{message.pk}/delivery", f"/desk/{ticket.pk}/conversation"):
        page = desk.get(address).content.decode()
        assert "Not sent to anna@berg.example: The mail server answered 550: no such user." in page
        assert "The others have it." in page
    page = desk.get(f"/mail/out/{message.outgoing.pk}/").content.decode()
    assert "anna@berg.example does not have it" in page and "tomas@okafor.example does not" not in page


def test_the_mail_log_finds_replies_by_who_is_in_copy(desk: Client, ticket: Ticket, mira: User) -> None:
    outbox.write_reply(ticket, mira, "x", submission=None, recipients=recipients_of("anna@berg.example"))
    outbox.write_reply(cast.new_ticket(cast.lena()), mira, "y", submission=None)
    page = desk.get("/mail/?tab=out&q=ANNA@berg").content.decode()
    assert "anna@berg.example" in page and "lena@haas.example" not in page


def recipients_of(*emails: str) -> Recipients:
    return Recipients((), tuple(Address("", email) for email in emails))


@pytest.mark.parametrize("typed", ["tom", "TOMAS@", "okaf", "Tomas Ok"])
def test_customers_are_found_by_the_beginning_of_name_or_address(desk: Client, ticket: Ticket, typed: str) -> None:
    (found,) = desk.get("/desk/addresses", {"q": typed}).json()["addresses"]
    assert found == TOMAS | {"about": "Customer"}


def test_members_are_found_as_well(desk: Client, rosa: User) -> None:
    (found,) = desk.get("/desk/addresses", {"q": "march"}).json()["addresses"]
    assert found == {"name": "Rosa Marchetti", "email": "rosa@tallybird.example", "about": "Team member"}


@pytest.mark.parametrize("typed", ["", "t", "   ", "nobody at all", "%"])
def test_too_little_and_unknown_names_find_nobody(desk: Client, ticket: Ticket, typed: str) -> None:
    assert desk.get("/desk/addresses", {"q": typed}).json() == {"addresses": []}


def test_eight_addresses_at_most(desk: Client) -> None:
    for number in range(12):
        cast.Customer.objects.create(name=f"Zoe {number}", email=f"zoe{number}@x.example")
    assert len(desk.get("/desk/addresses", {"q": "zoe"}).json()["addresses"]) == 8
