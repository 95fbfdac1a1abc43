"""What third parties answer, and forwards that do not arrive."""

import uuid
from typing import Any

import pytest

from tests.tickets.mails import bounce, raw
from tickets import delivery, lifecycle, outbox, tasks
from tickets.forwarding.writing import Forward, forward
from tickets.mail import intake
from tickets.mail.mime.addresses import Address
from tickets.mail.recipients import Recipients
from tickets.mail.writing import MailError, reply_address
from tickets.models import Message, OutgoingMail, Ticket, User
from tickets.views.wording import sentence

pytestmark = pytest.mark.django_db
PIET = Address("Piet Vos", "piet@vos.example")
QUIN = Address("Quin", "quin@vos.example")


@pytest.fixture(autouse=True)
def at_once(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tickets.mail.files.EmailBackend"
    settings.UNDO_SEND_SECONDS = 0


def send(ticket: Ticket, mira: User, *to: Address, **more: Any) -> Message:
    wanted = Forward(ticket.messages.filter(kind="customer").latest("pk"), Recipients(to), "Where?", **more)
    return forward(ticket, mira, wanted, submission=None)


def arrives(sender: str, **headers: str) -> Message:
    mail = raw("Internal: we lost it.", sender=sender, message_id=f"<{uuid.uuid4()}@vos.example>", **headers)
    return Message.objects.get(pk=intake.receive(mail).message_id)


def test_who_was_in_copy_of_an_answer_stays_a_third_party(ticket: Ticket, mira: User) -> None:
    """Both got the forward; Piet answers with Quin in copy; Quin writes a new mail to our reply address."""
    ours = send(ticket, mira, PIET, QUIN)
    first = arrives("piet@vos.example", in_reply_to=f"<{ours.message_id}>", cc="quin@vos.example")
    assert first.kind == "other"
    second = arrives("quin@vos.example", to=reply_address(ticket))
    assert second.kind == "other"


def test_who_was_in_copy_of_an_answer_only_is_a_third_party(ticket: Ticket, mira: User) -> None:
    ours = send(ticket, mira, PIET)
    arrives("piet@vos.example", in_reply_to=f"<{ours.message_id}>", cc="quin@vos.example")
    assert arrives("quin@vos.example", to=reply_address(ticket)).kind == "other"


def test_a_long_thread_of_a_third_party_is_still_theirs(ticket: Ticket, mira: User) -> None:
    ours = send(ticket, mira, PIET)
    chain = " ".join([f"<{ours.message_id}>", *(f"<{n}@vos.example>" for n in range(45))])
    found = arrives("colleague@vos.example", references=chain, in_reply_to="<44@vos.example>")
    assert (found.ticket, found.kind) == (ticket, "other")


def test_a_bounce_that_names_only_our_reply_address_is_of_the_mail_to_them(ticket: Ticket, mira: User) -> None:
    reply = outbox.write_reply(ticket, mira, "Hi", submission=None)
    forwarded = send(ticket, mira, PIET)
    for each in (reply, forwarded):
        assert tasks.send_reply(each.outgoing.pk) == "sent"
    mail = bounce("unknown@elsewhere.example").replace(b"x@y", b"tomas@okafor.example")
    intake.receive(mail.replace(b"Subject: Re: x", f"Reply-To: {reply_address(ticket)}\r\nSubject: Re: x".encode()))
    states = dict(OutgoingMail.objects.values_list("message", "state"))
    assert states == {reply.pk: "failed", forwarded.pk: "sent"}


def test_a_forward_that_is_not_sent_leaves_the_ticket_as_it_is(
    ticket: Ticket, mira: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    lifecycle.close(ticket, mira, [])
    ours = send(ticket, mira, PIET)

    def transmit(_mail: Any) -> None:
        raise MailError("The mail server closed the connection without an answer.", "uncertain")

    monkeypatch.setattr(delivery, "transmit", transmit)
    assert tasks.send_reply(ours.outgoing.pk) == "uncertain"
    assert delivery.resolve(ours.outgoing, "arrived", mira)
    ticket.refresh_from_db()
    assert ticket.status == "closed", "it was closed, the forward arrived, and nobody wrote"
    assert [sentence(event) for event in ticket.events.order_by("pk")][-3:] == [
        "Forwarded",
        "It is uncertain whether the forward was sent. A member has to decide",
        "Forward sent",
    ]


def test_the_whole_conversation_has_the_message_that_is_forwarded(ticket: Ticket, mira: User) -> None:
    for number in range(3):
        ticket.messages.create(kind="customer", text=f"{number} " + "words " * 8000, from_email="tomas@okafor.example")
    ticket.messages.create(
        kind="customer", text="The newest: my parcel number is 4711.", from_email="tomas@okafor.example"
    )
    assert "4711" in send(ticket, mira, PIET, whole=True).quoted


def test_the_whole_conversation_has_the_answer_that_is_forwarded(ticket: Ticket, mira: User) -> None:
    ours = send(ticket, mira, PIET)
    answer = arrives("piet@vos.example", in_reply_to=f"<{ours.message_id}>")
    again = forward(ticket, mira, Forward(answer, Recipients((QUIN,)), "See below", whole=True), submission=None)
    assert "we lost it" in again.quoted


def test_the_mail_log_finds_forwards_by_their_recipient(ticket: Ticket, mira: User, client: Any) -> None:
    send(ticket, mira, PIET)
    client.force_login(mira)
    assert "piet@vos.example" in client.get("/mail/?tab=out&q=piet@vos").content.decode()


def test_a_conversation_that_is_too_long_begins_later(ticket: Ticket, mira: User) -> None:
    for number in range(3):
        ticket.messages.create(kind="customer", text=f"{number} " + "words " * 8000, from_email="tomas@okafor.example")
    quoted = send(ticket, mira, PIET, whole=True).quoted
    assert "[…]" in quoted and "I was charged twice" not in quoted and "2 words" in quoted


def test_undo_of_a_reply_does_not_close_a_ticket_that_somebody_has_answered_since(
    ticket: Ticket, mira: User, settings: Any
) -> None:
    settings.UNDO_SEND_SECONDS = 10
    ours = send(ticket, mira, PIET)
    lifecycle.close(ticket, mira, [])
    reply = outbox.write_reply(ticket, mira, "Hi", submission=None)
    assert arrives("piet@vos.example", in_reply_to=f"<{ours.message_id}>").kind == "other"
    assert outbox.undo(reply.pk, mira)
    assert Ticket.objects.get().status == "open"
