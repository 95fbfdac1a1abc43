"""The first mail of a ticket that we started, its undo, and the customer's answer."""

import re
from datetime import datetime
from typing import Any

import pytest

from copilot.models import Draft
from tests import cast
from tests.tickets.mails import raw
from tests.tickets.starting.conftest import started
from tickets import lifecycle, outbox
from tickets.mail import intake, writing
from tickets.models import Message, OutgoingMail, Ticket, User

pytestmark = pytest.mark.django_db


def write(ticket: Ticket, author: User, text: str = "Your invoice is attached.", **how: Any) -> OutgoingMail:
    return outbox.write_reply(Ticket.objects.get(pk=ticket.pk), author, text, submission=None, **how).outgoing


def answered(ticket: Ticket, **headers: str) -> Message:
    """Lena's answer by mail."""
    receipt = intake.receive(raw("Thank you! Can I pay by card?", sender="Lena <lena@haas.example>", **headers))
    assert (receipt.action, receipt.ticket_id) == ("threaded", ticket.pk)
    return Message.objects.get(pk=receipt.message_id)


def now(ticket: Ticket) -> tuple[str, datetime | None]:
    found = Ticket.objects.get(pk=ticket.pk)
    return found.status, found.first_response_at


def test_it_is_no_reply(empty: Ticket, mira: User) -> None:
    row = write(empty, mira, seen=0)
    assert (row.message.recipients.get().email, row.subject, row.state) == (
        "lena@haas.example",
        "Your invoice",
        "queued",
    )
    assert (row.message.in_reply_to, row.message.references) == ("", "")
    mail = writing.build(row)
    assert "In-Reply-To" not in mail.extra_headers and mail.reply_to
    assert not [line for line in mail.body.splitlines() if line.startswith(">")]


def test_the_subject_is_as_it_was_typed(mira: User) -> None:
    assert write(started(mira, subject="Re: our call"), mira).subject == "Re: our call"


def test_then_the_ticket_waits_and_nobody_was_answered(empty: Ticket, mira: User) -> None:
    write(empty, mira)
    assert now(empty) == ("pending", None)


def test_a_second_mail_of_ours_continues_the_first(empty: Ticket, mira: User) -> None:
    first, second = write(empty, mira), write(empty, mira, "One thing more.")
    assert (second.subject, second.message.in_reply_to) == ("Re: Your invoice", first.message.message_id)
    assert now(empty) == ("pending", None)


@pytest.mark.parametrize("state", ["undone", "failed"])
def test_after_one_that_was_never_sent_the_next_is_the_first(empty: Ticket, mira: User, state: str) -> None:
    row = write(empty, mira)
    OutgoingMail.objects.filter(pk=row.pk).update(state=state)
    assert write(empty, mira).subject == "Your invoice"


def test_a_note_before_changes_nothing(empty: Ticket, mira: User) -> None:
    Message.objects.create(ticket=empty, kind="note", author=mira, text="He has asked on the phone.")
    assert write(empty, mira).subject == "Your invoice"


def test_undone_it_is_as_before(empty: Ticket, mira: User, settings: Any) -> None:
    settings.UNDO_SEND_SECONDS = 30
    since = Ticket.objects.get().waiting_since
    row = write(empty, mira)
    assert outbox.undo(row.message_id, mira)
    assert now(empty) == ("open", None) and Ticket.objects.get().waiting_since == since
    assert Ticket.objects.get().only_ours


@pytest.mark.parametrize("by", ["in_reply_to", "to"])
def test_the_customers_answer_comes_back_opens_it_and_gets_a_draft(
    empty: Ticket, mira: User, by: str, django_capture_on_commit_callbacks: Any
) -> None:
    row = write(empty, mira)
    address = writing.reply_address(empty)
    how = {"in_reply_to": f"<{row.message.message_id}>"} if by == "in_reply_to" else {"to": address}
    with django_capture_on_commit_callbacks(execute=True):
        said = answered(empty, subject="Re: Your invoice", **how)
    found = Ticket.objects.get()
    assert (found.status, found.only_ours) == ("open", False) and found.waiting_since > row.message.created_at
    assert Draft.objects.get().message == said


def test_our_answer_to_that_is_the_first_response(empty: Ticket, mira: User) -> None:
    first = write(empty, mira)
    said = answered(empty, subject="Re: Your invoice", in_reply_to=f"<{first.message.message_id}>")
    reply = write(empty, mira, "Yes, by card too.")
    assert now(empty) == ("pending", reply.message.created_at)
    assert (reply.subject, reply.message.in_reply_to) == ("Re: Your invoice", said.message_id)


def test_who_writes_before_we_did_has_waited_since_then(empty: Ticket) -> None:
    """As when a mail out of quarantine is added to the ticket."""
    earlier = Ticket.objects.get().waiting_since
    message = Message.objects.create(ticket=empty, kind="customer", text="Hello?")
    lifecycle.customer_wrote(empty, message)
    assert Ticket.objects.get().waiting_since == message.created_at > earlier


def test_a_question_of_the_customer_is_answered_as_ever(ticket: Ticket, mira: User) -> None:
    assert re.match("Re: ", write(ticket, mira).subject) and now(ticket)[1] is not None
    assert ticket.customer == cast.tomas()
