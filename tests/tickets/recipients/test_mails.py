"""Who gets the mail of a reply, what it shows to whom, and who else was in a customer's mail."""

from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as ours

from tests import cast
from tests.tickets.mails import bounce, raw
from tickets import delivery, outbox, tasks
from tickets.mail import intake, recipient_rows
from tickets.mail.mime.addresses import Address
from tickets.mail.recipients import Recipients
from tickets.mail.writing import body
from tickets.models import Message, OutgoingMail, Recipient, Ticket, User

pytestmark = pytest.mark.django_db
ANNA = Address("Anna Berg", "anna@berg.example")
BEN = Address("Ben Miller", "ben@miller.example")
CARLA = Address("", "carla@neri.example")
COPY = Recipients((), (ANNA,), (BEN,))


@pytest.fixture(autouse=True)
def mails_become_files(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tickets.mail.files.EmailBackend"
    settings.UNDO_SEND_SECONDS = 0


def reply(ticket: Ticket, mira: User, asked: Recipients | None = COPY, text: str = "Open Settings.") -> Message:
    return outbox.write_reply(ticket, mira, text, submission=None, recipients=asked)


def rows(message: Message) -> list[tuple[str, str]]:
    return list(message.recipients.values_list("kind", "email"))


def sent() -> Any:
    (file,) = (Path(ours.MAIL_DIR) / "out").glob("*.eml")
    return message_from_bytes(file.read_bytes(), policy=policy.default)


def received(mail: bytes) -> Message:
    receipt = intake.receive(mail)
    return Message.objects.get(pk=receipt.message_id)


def with_anna_in_copy(ticket: Ticket) -> None:
    """The customer writes again."""
    thread = f"<{ticket.messages.get().message_id}>"
    received(raw(cc="Anna Berg <anna@berg.example>", in_reply_to=thread, message_id="<2@x>"))


def test_a_mail_keeps_who_else_was_in_it(db: None) -> None:
    message = received(
        raw(to="Tallybird <support@tallybird.example>, Anna Berg <anna@berg.example>", cc="ben@miller.example")
    )
    assert rows(message) == [("to", "anna@berg.example"), ("cc", "ben@miller.example")]
    assert recipient_rows.stored(message).to == (ANNA,)


def test_the_reply_names_to_and_cc_and_hides_bcc(ticket: Ticket, mira: User) -> None:
    message = reply(ticket, mira)
    assert rows(message) == [("to", "tomas@okafor.example"), ("cc", "anna@berg.example"), ("bcc", "ben@miller.example")]
    assert tasks.send_reply(message.outgoing.pk) == "sent"
    mail = sent()
    assert (mail["To"], mail["Cc"], mail["Bcc"]) == ("tomas@okafor.example", "anna@berg.example", None)
    assert "ben@miller.example" not in mail.as_string()
    assert set(Recipient.objects.values_list("accepted", flat=True)) == {True}


def test_a_reply_that_names_nobody_goes_to_the_customer_alone(ticket: Ticket, mira: User) -> None:
    received(
        raw(cc="Anna Berg <anna@berg.example>", in_reply_to=f"<{ticket.messages.get().message_id}>", message_id="<2@x>")
    )
    assert rows(reply(ticket, mira, None)) == [("to", "tomas@okafor.example")]


def test_to_everybody_means_who_is_in_the_latest_mail(ticket: Ticket, mira: User) -> None:
    received(
        raw(cc="Anna Berg <anna@berg.example>", in_reply_to=f"<{ticket.messages.get().message_id}>", message_id="<2@x>")
    )
    assert recipient_rows.of_ticket(ticket, ticket.messages.all()).all.emails == [
        "tomas@okafor.example",
        "anna@berg.example",
    ]
    reply(ticket, mira, Recipients((), (), (BEN,)))
    found = recipient_rows.of_ticket(ticket, ticket.messages.all())
    assert found.all.emails == ["tomas@okafor.example"] and found.offered == (ANNA,)


def test_undone_replies_and_notes_do_not_count(ticket: Ticket, mira: User, settings: Any) -> None:
    settings.UNDO_SEND_SECONDS = 10
    message = reply(ticket, mira)
    assert outbox.undo(message.pk, mira)
    found = recipient_rows.of_ticket(ticket, ticket.messages.all())
    assert found.all.emails == ["tomas@okafor.example"] and found.offered == ()


def test_only_what_a_recipient_wrote_is_quoted(ticket: Ticket, mira: User) -> None:
    assert "> I was charged twice" in body(reply(ticket, mira, None))
    thread = f"<{ticket.messages.get(kind='customer').message_id}>"
    received(
        raw("Secret terms for you only.", sender="Carla <carla@neri.example>", in_reply_to=thread, message_id="<3@x>")
    )
    assert "Secret" not in body(reply(ticket, mira, None)) and ">" not in body(reply(ticket, mira, None))
    assert "Secret" not in body(reply(ticket, mira, Recipients((), (CARLA,)))), "it went to us alone"
    both = {"to": "support@tallybird.example, tomas@okafor.example", "in_reply_to": thread, "message_id": "<4@x>"}
    received(raw("For both of you.", sender="Carla <carla@neri.example>", **both))
    assert "> For both of you." in body(reply(ticket, mira, Recipients((), (CARLA,))))


def test_the_reply_is_threaded_below_a_mail_of_its_recipients(ticket: Ticket, mira: User) -> None:
    asked = ticket.messages.get().message_id
    received(raw("Hello", sender="Carla <Carla@neri.example>", in_reply_to=f"<{asked}>", message_id="<3@x>"))
    assert reply(ticket, mira, None).in_reply_to == asked
    assert reply(ticket, mira, Recipients((), (CARLA,))).in_reply_to == "3@x"


def test_the_answer_of_somebody_in_copy_comes_to_the_ticket(ticket: Ticket, mira: User) -> None:
    ours = reply(ticket, mira)
    answer = received(
        raw("Yes.", sender="Anna Berg <anna@berg.example>", in_reply_to=f"<{ours.message_id}>", message_id="<4@x>")
    )
    assert answer.ticket == ticket
    assert recipient_rows.of_ticket(ticket, ticket.messages.all()).all == Recipients(
        (Address("Tomas Okafor", "tomas@okafor.example"), ANNA)
    )


# --- not for all ---------------------------------------------------------------


def fail(ticket: Ticket, mira: User, refusals: dict[str, str]) -> OutgoingMail:
    """A reply in copy that was sent, and came back from some."""
    message = reply(ticket, mira)
    tasks.send_reply(message.outgoing.pk)
    recipient_rows.bounced(message, list(refusals), "No such mailbox")
    OutgoingMail.objects.update(state="failed", error="No such mailbox")
    return OutgoingMail.objects.get()


def accepted() -> dict[str, bool]:
    return dict(Recipient.objects.values_list("email", "accepted"))


def test_a_bounce_says_who_did_not_get_it(ticket: Ticket, mira: User) -> None:
    message = reply(ticket, mira)
    tasks.send_reply(message.outgoing.pk)
    intake.receive(bounce(message.message_id).replace(b"x@y", b"Anna@Berg.example"))
    assert accepted() == {"tomas@okafor.example": True, "anna@berg.example": False, "ben@miller.example": True}
    assert OutgoingMail.objects.get().state == "failed"
    assert "The mail came back" in Recipient.objects.get(email="anna@berg.example").refused


def test_a_bounce_of_an_address_that_we_do_not_know_counts_for_all(ticket: Ticket, mira: User) -> None:
    message = reply(ticket, mira)
    tasks.send_reply(message.outgoing.pk)
    intake.receive(bounce(message.message_id))
    assert set(accepted().values()) == {False}


def test_sending_again_goes_to_those_who_do_not_have_it(ticket: Ticket, mira: User) -> None:
    row = fail(ticket, mira, {"anna@berg.example": "x"})
    assert delivery.resolve(row, "again", mira)
    claimed = delivery._claim(row.pk)
    assert claimed is not None
    assert delivery.build(claimed).recipients() == ["anna@berg.example"]
    assert delivery.build(claimed).to == ["tomas@okafor.example"]


def test_an_uncertain_mail_is_sent_again_to_all(ticket: Ticket, mira: User) -> None:
    message = reply(ticket, mira)
    OutgoingMail.objects.update(state="uncertain")
    assert delivery.resolve(message.outgoing, "again", mira)
    claimed = delivery._claim(message.outgoing.pk)
    assert claimed is not None and len(delivery.build(claimed).recipients()) == 3


def test_arrived_means_that_all_have_it(ticket: Ticket, mira: User) -> None:
    row = fail(ticket, mira, {"anna@berg.example": "x"})
    OutgoingMail.objects.update(state="uncertain")
    assert delivery.resolve(row, "arrived", mira)
    assert set(accepted().values()) == {True} and not Recipient.objects.exclude(refused="").exists()


def test_the_customer_is_shown_first_and_others_by_name(ticket: Ticket, mira: User, rosa: User, client: Any) -> None:
    reply(ticket, mira, Recipients((CARLA,), (ANNA,), (BEN,)))
    client.force_login(rosa)
    page = client.get(f"/desk/{ticket.pk}/conversation").content.decode()
    assert "to Tomas Okafor, carla@neri.example, cc Anna Berg, bcc Ben Miller" in " ".join(page.split())


def test_a_new_ticket_of_the_cast_has_no_recipients_and_shows_none(ticket: Ticket, mira: User, client: Any) -> None:
    cast.new_ticket()
    client.force_login(mira)
    assert " cc " not in client.get(f"/desk/{ticket.pk}/conversation").content.decode()
