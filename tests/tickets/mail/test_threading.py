"""tickets/mail/intake.py: which ticket a mail continues, and how its text is compared with earlier messages."""

from collections.abc import Sequence

import pytest

from tests.tickets.mails import raw
from tickets.mail import intake, reader
from tickets.mail.mime.parsing import UnreadableMail
from tickets.mail.reading import MailContent
from tickets.models import InboundMail, Message, Ticket, User
from tickets.outbox import write_reply

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("others", [0, 59, 80, 99, 100, 250, 400])
def test_a_long_thread_is_matched_by_its_first_mail(ticket: Ticket, mira: User, others: int) -> None:
    reply = write_reply(ticket, mira, "Which app?", submission=None)
    chain = " ".join([f"<{reply.message_id}>", *(f"<other-{n}@novak.example>" for n in range(others))])
    last = f"<other-{others - 1}@novak.example>"
    receipt = intake.receive(raw("The web app.", subject="Re: Re: Sync", references=chain, in_reply_to=last))
    assert (receipt.action, receipt.ticket_id) == ("threaded", ticket.pk)


def test_the_nearest_of_two_tickets_is_continued(ticket: Ticket, mira: User) -> None:
    from tests.cast import lena, new_ticket

    first = write_reply(ticket, mira, "Which app?", submission=None)
    other = new_ticket(lena(), subject="Other")
    second = write_reply(other, mira, "And this?", submission=None)
    chain = f"<{first.message_id}> <x@y.example> <{second.message_id}>"
    assert intake.receive(raw("Yes.", references=chain)).ticket_id == other.pk
    assert (
        intake.receive(raw("No.", references=chain, in_reply_to=f"<{first.message_id}>", message_id="<2@x>")).ticket_id
        == ticket.pk
    )


def test_the_token_is_enough_if_a_provider_replaced_the_ids(ticket: Ticket, mira: User) -> None:
    write_reply(ticket, mira, "Which app?", submission=None)
    ours = f"Support <support+{ticket.reply_token}@tallybird.example>"
    mail = raw("The web app.", to=ours, subject="Re: Sync", in_reply_to="<0100-000@eu-west-1.amazonses.example>")
    assert intake.receive(mail).ticket_id == ticket.pk


def test_a_pasted_prompt_in_an_answer_is_not_a_quotation(ticket: Ticket, mira: User) -> None:
    said = "Please sign in again and reload the page, then export your ledger once more."
    reply = write_reply(ticket, mira, said, submission=None)
    body = f"It says\n> fatal: ledger locked by 4711\nand stops.\n\n> {said}"
    receipt = intake.receive(raw(body, in_reply_to=f"<{reply.message_id}>"))
    message = Message.objects.get(pk=receipt.message_id)
    assert "ledger locked" in message.text and said not in message.text and said in message.quoted


def test_an_answer_that_cannot_be_read_a_second_time_is_kept_as_it_was_read(
    ticket: Ticket, mira: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = reader.read

    def once(content: bytes, earlier: Sequence[str] = ()) -> MailContent:
        if earlier:
            raise UnreadableMail("Reading it takes too much computing time")
        return read(content)

    monkeypatch.setattr(reader, "read", once)
    reply = write_reply(ticket, mira, "Which app?", submission=None)
    receipt = intake.receive(raw("The web app.", in_reply_to=f"<{reply.message_id}>"))
    assert (receipt.action, receipt.ticket_id) == ("threaded", ticket.pk)
    assert Message.objects.get(pk=receipt.message_id).text == "The web app."


def test_notes_are_not_compared_with_quotations(ticket: Ticket, mira: User) -> None:
    reply = write_reply(ticket, mira, "Which app?", submission=None)
    secret = "The customer is on the old plan and must be moved by hand."
    Message.objects.create(ticket=ticket, kind=Message.Kind.NOTE, text=secret, author=mira)
    receipt = intake.receive(raw(f"I see\n> {secret}\nhere.", in_reply_to=f"<{reply.message_id}>"))
    assert secret in Message.objects.get(pk=receipt.message_id).text


def test_a_quarantined_answer_that_a_member_accepts_goes_to_its_ticket(ticket: Ticket, mira: User) -> None:
    reply = write_reply(ticket, mira, "Which app?", submission=None)
    doubtful = raw(
        "The web app.", subject="Re: Sync", auto_submitted="auto-replied", in_reply_to=f"<{reply.message_id}>"
    )
    assert intake.receive(doubtful).action == "quarantined"
    receipt = intake.make_ticket(InboundMail.objects.get(), mira)
    assert receipt.ticket_id == ticket.pk and Ticket.objects.count() == 1
