"""A Bcc is in no mail that others get: not in a header, not in the quotation."""

import uuid
from typing import Any

import pytest

from tests.tickets.mails import raw
from tickets import outbox
from tickets.forwarding.writing import Forward, forward
from tickets.mail import intake
from tickets.mail.mime.addresses import Address
from tickets.mail.recipients import Recipients
from tickets.mail.writing import body, without_files
from tickets.models import Message, Ticket, User

pytestmark = pytest.mark.django_db
BOSS = Address("Bo Boss", "boss@corp.example")
PIET = Address("Piet Vos", "piet@vos.example")


@pytest.fixture(autouse=True)
def at_once(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tickets.mail.files.EmailBackend"
    settings.UNDO_SEND_SECONDS = 0


def write(ticket: Ticket, mira: User, asked: Recipients | None = None) -> Message:
    return outbox.write_reply(ticket, mira, "We look into it.", submission=None, recipients=asked)


def boss_answers(ours: Message) -> Message:
    mail = raw(
        "Do not refund him.",
        sender="Bo Boss <boss@corp.example>",
        in_reply_to=f"<{ours.message_id}>",
        message_id=f"<{uuid.uuid4()}@corp.example>",
    )
    return Message.objects.get(pk=intake.receive(mail).message_id)


def test_what_somebody_in_bcc_wrote_is_not_quoted_to_the_customer(ticket: Ticket, mira: User) -> None:
    boss_answers(write(ticket, mira, Recipients((), (), (BOSS,))))
    again = write(ticket, mira, Recipients((), (), (BOSS,)))
    assert "Do not refund him." not in body(again) and "Bo Boss" not in body(again)


def test_what_somebody_wrote_to_us_alone_is_not_quoted_to_the_customer(ticket: Ticket, mira: User) -> None:
    """The customer gets every reply; the answer went to us only, although its writer gets the reply in Cc."""
    boss_answers(write(ticket, mira, Recipients((), (), (BOSS,))))
    assert "Do not refund him." not in body(write(ticket, mira, Recipients((), (BOSS,))))


def test_the_reply_is_not_threaded_below_a_mail_of_somebody_in_bcc(ticket: Ticket, mira: User) -> None:
    theirs = boss_answers(write(ticket, mira, Recipients((), (), (BOSS,))))
    headers = without_files(write(ticket, mira, Recipients((), (), (BOSS,))).outgoing).extra_headers
    assert theirs.message_id not in str(headers)


def test_a_customer_of_a_form_does_not_get_the_id_of_the_mail_of_somebody_in_bcc(mira: User) -> None:
    receipt = intake.receive_web(email="tomas@okafor.example", text="I was charged twice in March.")
    ticket = Ticket.objects.get(pk=receipt.ticket_id)
    theirs = boss_answers(write(ticket, mira, Recipients((), (), (BOSS,))))
    headers = without_files(write(ticket, mira).outgoing).extra_headers
    assert theirs.message_id not in str(headers)


def test_a_forward_is_not_threaded_below_the_answer_of_somebody_in_bcc(ticket: Ticket, mira: User) -> None:
    asked = ticket.messages.get()
    first = forward(ticket, mira, Forward(asked, Recipients((BOSS,)), "?"), submission=None)
    theirs = boss_answers(first)
    assert theirs.kind == "other"
    second = forward(ticket, mira, Forward(asked, Recipients((PIET,), (), (BOSS,)), "?"), submission=None)
    assert theirs.message_id not in str(without_files(second.outgoing).extra_headers)
