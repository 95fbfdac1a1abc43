"""tickets/forwarding: a message goes to somebody else than the customer, and their answer comes to the ticket."""

import uuid
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as ours
from django.core.files.base import ContentFile

from tests import cast
from tests.tickets.mails import bounce, raw
from tickets import assignment, delivery, lifecycle, notes, outbox, tasks, uploads
from tickets.forwarding import quoting
from tickets.forwarding.writing import Forward, forward
from tickets.mail import intake, recipient_rows
from tickets.mail.mime.addresses import Address
from tickets.mail.recipients import NotAddressed, Recipients
from tickets.models import Attachment, Message, OutgoingMail, Ticket, TicketEvent, User
from tickets.views.wording import sentence

pytestmark = pytest.mark.django_db
PIET = Address("Piet Vos", "piet@vos.example")
TO_PIET = Recipients((PIET,))


@pytest.fixture(autouse=True)
def mails_become_files(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tickets.mail.files.EmailBackend"
    settings.UNDO_SEND_SECONDS = 0


def asked(ticket: Ticket) -> Message:
    return ticket.messages.filter(kind="customer").latest("pk")


def to_piet(ticket: Ticket, mira: User, text: str = "Where is this parcel?", **more: Any) -> Message:
    wanted = Forward(more.pop("message", asked(ticket)), more.pop("to", TO_PIET), text, **more)
    return forward(ticket, mira, wanted, submission=None)


def sent(message: Message) -> Any:
    assert tasks.send_reply(message.outgoing.pk) == "sent"
    file = Path(ours.MAIL_DIR) / "out" / f"{message.message_id}.eml"
    return message_from_bytes(file.read_bytes(), policy=policy.default)


def answered(ours_: Message, text: str = "It is in Utrecht.", sender: str = "Piet Vos <piet@vos.example>") -> Message:
    receipt = intake.receive(
        raw(text, sender=sender, in_reply_to=f"<{ours_.message_id}>", message_id=f"<{uuid.uuid4()}@vos.example>")
    )
    return Message.objects.get(pk=receipt.message_id)


def file_of(message: Message, name: str = "label.pdf", content: bytes = b"%PDF-1") -> Attachment:
    row = Attachment(message=message, filename=name, content_type="application/pdf", size=len(content), sha256="0")
    row.file.save("0.bin", ContentFile(content), save=False)
    row.save()
    return row


# --- what is sent -----------------------------------------------------------------


def test_the_message_goes_out_below_the_words_of_the_agent(ticket: Ticket, mira: User) -> None:
    mail = sent(to_piet(ticket, mira))
    assert (mail["To"], mail["Subject"]) == ("piet@vos.example", "Fwd: Charged twice in March")
    text = mail.get_content().replace("\r\n", "\n")
    assert text.startswith("Where is this parcel?\n\n---------- Forwarded message ----------\nFrom: Tomas Okafor <")
    assert "Will one of the payments disappear?" in text
    assert f"+{ticket.reply_token}@" in mail["Reply-To"] and mail["In-Reply-To"] is None


def test_no_words_are_needed(ticket: Ticket, mira: User) -> None:
    assert sent(to_piet(ticket, mira, text="")).get_content().startswith("---------- Forwarded message")


def test_the_conversation_has_what_the_customer_wrote_and_got_and_nothing_internal(ticket: Ticket, mira: User) -> None:
    first = asked(ticket)
    outbox.write_reply(ticket, mira, "We look into it.", submission=None)
    undone = outbox.write_reply(ticket, mira, "A slip of the pen.", submission=None)
    OutgoingMail.objects.filter(message=undone).update(state="undone")
    notes.write(ticket, mira, "He is difficult.")
    answered(to_piet(ticket, mira, message=first), "Between us: our fault.")
    Message.objects.create(ticket=ticket, kind="customer", text="Any news?", from_email="tomas@okafor.example")
    text = quoting.whole(ticket, asked(ticket))
    assert text.index("I was charged twice") < text.index("We look into it.") < text.index("Any news?")
    assert not any(each in text for each in ("slip", "difficult", "Between us", "Where is this parcel"))


def test_until_a_message_means_nothing_later(ticket: Ticket, mira: User) -> None:
    first = asked(ticket)
    outbox.write_reply(ticket, mira, "We look into it.", submission=None)
    assert "We look into it." not in quoting.whole(ticket, first)


def test_files_go_with_it_as_files_of_their_own(ticket: Ticket, mira: User) -> None:
    kept, left = file_of(asked(ticket)), file_of(asked(ticket), "other.pdf")
    message = to_piet(ticket, mira, files=(kept.pk,))
    (copied,) = message.attachments.all()
    assert copied.filename == "label.pdf" and copied.file.name != kept.file.name
    assert [part.get_filename() for part in sent(message).iter_attachments()] == ["label.pdf"]
    assert left.filename not in [each.filename for each in message.attachments.all()]


def test_a_file_of_another_message_is_refused(ticket: Ticket, mira: User) -> None:
    foreign = file_of(cast.new_ticket(cast.lena()).messages.get())
    with pytest.raises(uploads.Gone):
        to_piet(ticket, mira, files=(foreign.pk,))
    assert not Message.objects.filter(kind="forward").exists()


def test_files_too_large_for_a_mail_are_refused(ticket: Ticket, mira: User) -> None:
    large = file_of(asked(ticket))
    Attachment.objects.filter(pk=large.pk).update(size=uploads.ALL_BYTES + 1)
    with pytest.raises(uploads.NotTaken):
        to_piet(ticket, mira, files=(large.pk,))


@pytest.mark.parametrize(
    ("to", "why"),
    [
        (Recipients(()), "Say who gets it"),
        (Recipients((PIET,), (Address("", "Tomas@Okafor.example"),)), "is the customer"),
        (Recipients((Address("", "support@tallybird.example"),)), "address of this desk"),
        (Recipients(tuple(Address("", f"a{number}@x.example") for number in range(51))), "50 addresses"),
    ],
)
def test_it_cannot_go_to_nobody_the_customer_or_ourselves(ticket: Ticket, mira: User, to: Recipients, why: str) -> None:
    with pytest.raises(NotAddressed, match=why):
        to_piet(ticket, mira, to=to)
    assert not OutgoingMail.objects.exists()


def test_the_same_submission_twice_is_one_forward(ticket: Ticket, mira: User) -> None:
    submission, wanted = uuid.uuid4(), Forward(asked(ticket), TO_PIET, "Hello")
    first = forward(ticket, mira, wanted, submission=submission)
    assert forward(ticket, mira, wanted, submission=submission) == first
    assert OutgoingMail.objects.count() == 1


# --- the ticket --------------------------------------------------------------------


def test_the_customer_still_waits(ticket: Ticket, mira: User) -> None:
    before = (ticket.status, ticket.waiting_since, ticket.first_response_at)
    to_piet(ticket, mira)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.waiting_since, ticket.first_response_at) == before
    assert lifecycle.unanswered(ticket)
    assert [event.kind for event in ticket.events.all()] == ["forwarded"]


def test_undo_takes_it_back_and_changes_nothing_else(ticket: Ticket, mira: User, settings: Any) -> None:
    settings.UNDO_SEND_SECONDS = 10
    message = to_piet(ticket, mira, files=(file_of(asked(ticket)).pk,))
    assert outbox.undo(message.pk, mira)
    ticket.refresh_from_db()
    assert ticket.status == "open" and OutgoingMail.objects.get().state == "undone"
    assert not uploads.of(ticket, mira).exists()


def test_a_reply_afterwards_knows_nothing_of_it(ticket: Ticket, mira: User) -> None:
    before = asked(ticket)
    answered(to_piet(ticket, mira), "Between us: our fault.")
    found = recipient_rows.of_ticket(ticket, ticket.messages.all())
    assert found.all.emails == ["tomas@okafor.example"] and found.offered == ()
    reply = outbox.write_reply(ticket, mira, "It was us.", submission=None)
    assert reply.in_reply_to == before.message_id and "piet@" not in reply.references
    assert "Between us" not in sent(reply).get_content()


def test_an_undone_reply_before_a_forward_is_restored(ticket: Ticket, mira: User, settings: Any) -> None:
    settings.UNDO_SEND_SECONDS = 10
    reply = outbox.write_reply(ticket, mira, "We look into it.", submission=None)
    to_piet(ticket, mira)
    assert outbox.undo(reply.pk, mira)
    ticket.refresh_from_db()
    assert ticket.status == "open" and ticket.first_response_at is None


# --- the answer ---------------------------------------------------------------------


def test_the_answer_comes_to_the_ticket_as_somebody_elses(ticket: Ticket, mira: User) -> None:
    assignment.assign(ticket, mira, mira)
    message = answered(to_piet(ticket, mira))
    assert (message.ticket, message.kind, message.from_name) == (ticket, "other", "Piet Vos")
    event = ticket.events.filter(kind=TicketEvent.Kind.RECEIVED).get()
    assert event.data["third_party"] is True
    ticket.refresh_from_db()
    assert ticket.preview.startswith("I was charged twice")


@pytest.mark.parametrize("status", ["pending", "snoozed", "closed"])
def test_the_answer_opens_the_ticket(ticket: Ticket, mira: User, status: str) -> None:
    message = to_piet(ticket, mira)
    if status == "snoozed":
        lifecycle.snooze(ticket, mira, None)
    else:
        lifecycle.set_status(ticket, status, mira)
    answered(message)
    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_an_answer_to_the_answer_is_somebody_elses_too(ticket: Ticket, mira: User) -> None:
    first = answered(to_piet(ticket, mira))
    assert answered(first, sender="Otto <otto@vos.example>").kind == "other"


def test_without_an_id_the_address_decides(ticket: Ticket, mira: User) -> None:
    to_piet(ticket, mira)
    ours_ = f"support+{ticket.reply_token}@tallybird.example"
    receipt = intake.receive(raw("In Utrecht.", sender="piet@vos.example", to=ours_, message_id="<p1@x>"))
    assert Message.objects.get(pk=receipt.message_id).kind == "other"
    outbox.write_reply(ticket, mira, "Hi", submission=None, recipients=Recipients((), (PIET,)))
    receipt = intake.receive(raw("And now?", sender="piet@vos.example", to=ours_, message_id="<p2@x>"))
    assert Message.objects.get(pk=receipt.message_id).kind == "customer"


def test_the_customer_and_people_in_copy_stay_what_they_are(ticket: Ticket, mira: User) -> None:
    forwarded = to_piet(ticket, mira)
    assert answered(forwarded, sender="Tomas <TOMAS@okafor.example>").kind == "customer"
    reply = outbox.write_reply(ticket, mira, "Hi", submission=None, recipients=Recipients((), (PIET,)))
    assert answered(reply).kind == "customer"


def test_the_next_forward_is_in_the_same_thread_for_them(ticket: Ticket, mira: User) -> None:
    answer = answered(to_piet(ticket, mira))
    again = to_piet(ticket, mira, "Thanks, and when?", message=answer)
    assert again.in_reply_to == answer.message_id
    assert "It is in Utrecht." in again.quoted


def test_a_new_forward_asks_before_a_reply_is_sent_over_an_unseen_answer(ticket: Ticket, mira: User) -> None:
    seen = asked(ticket).pk
    answered(to_piet(ticket, mira))
    with pytest.raises(outbox.NewerMessages):
        outbox.write_reply(ticket, mira, "Hi", submission=None, seen=seen)


# --- when it does not arrive ----------------------------------------------------------


def test_a_forward_that_came_back_is_told_and_can_be_sent_again(ticket: Ticket, mira: User) -> None:
    message = to_piet(ticket, mira)
    sent(message)
    intake.receive(bounce(message.message_id).replace(b"x@y", b"piet@vos.example"))
    row = OutgoingMail.objects.get()
    assert row.state == "failed" and message.recipients.get().refused
    lifecycle.set_status(ticket, Ticket.Status.OPEN)
    assert delivery.resolve(row, "again", mira)
    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_its_event_says_what_happened(ticket: Ticket, mira: User) -> None:
    answered(to_piet(ticket, mira))
    assert [sentence(event) for event in ticket.events.order_by("pk")] == [
        "Forwarded",
        "Somebody answered what was forwarded",
    ]
