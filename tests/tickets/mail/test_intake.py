"""tickets/mail/intake.py: every mail is received once, never lost, and never answered automatically."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.tickets.mails import bounce, file_part, multipart, raw, text_part
from tickets import signals
from tickets.mail import identity, intake, reader, reading, received_mails, store
from tickets.mail.mime import parsing
from tickets.models import Attachment, Customer, InboundMail, Message, OutgoingMail, Ticket, TicketEvent, User
from tickets.outbox import write_reply

pytestmark = pytest.mark.django_db


def test_a_mail_becomes_a_ticket(settings: Any) -> None:
    receipt = intake.receive(raw())
    message = Message.objects.get(pk=receipt.message_id)
    ticket = message.ticket
    assert receipt.action == "created" and receipt.ticket_id == ticket.pk
    assert (ticket.subject, ticket.status, ticket.channel, ticket.language) == ("Calendar empty", "open", "email", "en")
    assert ticket.preview.startswith("Hello, my calendar")
    assert (ticket.customer.name, ticket.customer.email) == ("Tomas Okafor", "tomas@okafor.example")
    assert ticket.customer.language == "en"
    assert message.message_id == "first@okafor.example"
    row = InboundMail.objects.get()
    assert row.action == "created" and row.message == message
    assert (Path(settings.MAIL_DIR) / row.raw_path).read_bytes() == raw()
    event = ticket.events.get()
    assert event.kind == "received" and event.data == {"message": message.pk, "channel": "email"}


def test_the_signal_is_sent_on_commit(django_capture_on_commit_callbacks: Any) -> None:
    heard: list[tuple[int, int]] = []

    def listen(sender: object, message_id: int, ticket_id: int, **kwargs: object) -> None:
        heard.append((message_id, ticket_id))
        raise RuntimeError("a broken listener")

    signals.message_received.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            receipt = intake.receive(raw())
    finally:
        signals.message_received.disconnect(listen)
    assert heard == [(receipt.message_id, receipt.ticket_id)]


def test_the_same_mail_twice_is_one() -> None:
    first = intake.receive(raw())
    again = intake.receive(raw(received="by another server"))
    assert again.action == "duplicate" and (again.ticket_id, again.message_id) == (first.ticket_id, first.message_id)
    assert Ticket.objects.count() == Message.objects.count() == InboundMail.objects.count() == 1


def test_without_message_id_the_bytes_are_the_identity() -> None:
    first = intake.receive(raw(message_id=None))
    assert intake.receive(raw(message_id=None)).action == "duplicate"
    assert intake.receive(raw("Another text", message_id=None)).ticket_id != first.ticket_id
    assert Message.objects.filter(message_id__isnull=True).count() == 2


def test_nobody_suppresses_a_mail_by_sending_its_id_first() -> None:
    intake.receive(raw(sender="thief@elsewhere.example"))
    receipt = intake.receive(raw())
    assert receipt.action == "created"
    assert Message.objects.get(pk=receipt.message_id).from_email == "tomas@okafor.example"
    assert intake.receive(raw()).action == "duplicate"


def test_a_customer_is_found_in_any_case(tomas: Customer) -> None:
    intake.receive(raw(sender="TOMAS@Okafor.Example"))
    assert Ticket.objects.get().customer == tomas
    assert Customer.objects.count() == 1


def test_threading_by_reference_and_reopening(ticket: Ticket, mira: User) -> None:
    reply = write_reply(ticket, mira, "Which app?", submission=None)
    assert Ticket.objects.get().status == "pending"
    receipt = intake.receive(raw("The web app.", in_reply_to=f"<{reply.message_id}>", subject="Re: Anything"))
    assert (receipt.action, receipt.ticket_id) == ("threaded", ticket.pk)
    assert Ticket.objects.get().status == "open"


def test_threading_by_token_only_at_our_address(ticket: Ticket) -> None:
    ours = f"support+{ticket.reply_token}@tallybird.example"
    assert intake.receive(raw(to=f'"Support" <{ours.upper()}>')).ticket_id == ticket.pk
    elsewhere = f"support+{ticket.reply_token}@elsewhere.example"
    assert intake.receive(raw(to=elsewhere, message_id="<b@x>")).ticket_id != ticket.pk
    delivered = raw(to="hidden@x.example", delivered_to=ours, message_id="<c@x>")
    assert intake.receive(delivered).ticket_id == ticket.pk


def test_never_by_subject(ticket: Ticket) -> None:
    assert intake.receive(raw(subject=f"Re: {ticket.subject}")).action == "created"


def test_a_stranger_in_a_thread_is_named(ticket: Ticket, mira: User) -> None:
    reply = write_reply(ticket, mira, "Which app?", submission=None)
    receipt = intake.receive(raw("Me too", sender="Eve <eve@x.example>", in_reply_to=f"<{reply.message_id}>"))
    message = Message.objects.get(pk=receipt.message_id)
    assert message.ticket == ticket and message.from_email == "eve@x.example"
    assert ticket.events.filter(kind="received").last().data["other_sender"] is True
    assert not Customer.objects.filter(email="eve@x.example").exists()
    again = write_reply(ticket, mira, "Thanks", submission=None)
    assert again.recipients.get().email == "tomas@okafor.example"


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"auto_submitted": "auto-replied"}, "Auto-Submitted"),
        ({"x_autoreply": "yes"}, "X-Autoreply"),
        ({"precedence": "auto_reply"}, "Precedence"),
        ({"list_id": "<news.elsewhere.example>"}, "Mailing list"),
        ({"list_unsubscribe": "<mailto:u@x>"}, "Newsletter"),
        ({"return_path": "<>"}, "empty return path"),
        ({"subject": "Automatic reply: Calendar"}, "by its subject"),
        ({"subject": "Abwesenheitsnotiz: Kalender"}, "by its subject"),
        ({"x_copydesk_loop": "support@tallybird.example"}, "Our own mail"),
        ({"sender": "Support <support+x@tallybird.example>"}, "our own address"),
        ({"sender": "MAILER-DAEMON@mx.example", "subject": "Delivery failed"}, "Bounce"),
    ],
)
def test_automatic_mail_is_ignored_with_a_reason(headers: dict[str, str], reason: str) -> None:
    receipt = intake.receive(raw(**headers))
    assert receipt.action == "ignored" and reason in receipt.reason
    assert not Ticket.objects.exists() and not OutgoingMail.objects.exists()
    assert InboundMail.objects.get().action == "ignored"


@pytest.mark.parametrize(
    "headers",
    [
        {"auto_submitted": "no"},
        {"x_auto_response_suppress": "All"},
        {"return_path": "<tomas@okafor.example>"},
        {"subject": "Automatic invoices do not arrive"},
        {"list_id": "<support.tallybird.example>", "precedence": "list"},
        {"sender": "noreply@shop.example", "reply_to": "Tomas <tomas@okafor.example>"},
    ],
)
def test_people_are_not_ignored(headers: dict[str, str]) -> None:
    receipt = intake.receive(raw(**headers))
    assert receipt.action == "created"
    assert Ticket.objects.get().customer.email == "tomas@okafor.example"


def test_an_auto_reply_is_noted_on_its_ticket(ticket: Ticket) -> None:
    ours = f"support+{ticket.reply_token}@tallybird.example"
    receipt = intake.receive(raw(to=ours, auto_submitted="auto-replied"))
    assert (receipt.action, receipt.ticket_id) == ("ignored", ticket.pk)
    assert ticket.events.get().kind == "ignored_mail" and ticket.messages.count() == 1


def test_a_persons_answer_through_a_list_is_theirs(ticket: Ticket, mira: User) -> None:
    reply = write_reply(ticket, mira, "Which app?", submission=None)
    answer = raw("The web app", in_reply_to=f"<{reply.message_id}>", list_id="<team.okafor.example>")
    assert intake.receive(answer).action == "threaded"


def test_a_bounce_shows_on_the_ticket_and_opens_it(ticket: Ticket, mira: User) -> None:
    reply = write_reply(ticket, mira, "Hello", submission=None)
    OutgoingMail.objects.update(state="sent")
    receipt = intake.receive(bounce(reply.message_id or ""))
    assert (receipt.action, receipt.ticket_id) == ("ignored", ticket.pk)
    outgoing = OutgoingMail.objects.get()
    assert outgoing.state == "failed" and "5.1.1" in outgoing.error
    assert Ticket.objects.get().status == "open"
    kinds = set(ticket.events.values_list("kind", flat=True))
    assert {"ignored_mail", "send_failed"} <= kinds


def test_a_delay_is_only_noted(ticket: Ticket, mira: User) -> None:
    reply = write_reply(ticket, mira, "Hello", submission=None)
    OutgoingMail.objects.update(state="sent")
    intake.receive(bounce(reply.message_id or "", "4.4.1", "delayed"))
    assert OutgoingMail.objects.get().state == "sent" and Ticket.objects.get().status == "pending"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(raw(sender=None), "No sender"), (b"", "empty"), (b"\r\n \n", "empty"), (b"\xff\xfe", "No sender")],
)
def test_what_cannot_become_a_ticket_is_quarantined(content: bytes, reason: str, settings: Any) -> None:
    receipt = intake.receive(content)
    assert receipt.action == "quarantined" and reason in receipt.reason
    row = InboundMail.objects.get()
    assert (Path(settings.MAIL_DIR) / row.raw_path).read_bytes() == content
    assert intake.receive(content).action == "duplicate"


def test_too_big_is_quarantined_with_its_headers(settings: Any) -> None:
    settings.MAIL_MAX_BYTES = 2000
    receipt = intake.receive(raw("x" * 3000))
    assert receipt.action == "quarantined" and "Larger than" in receipt.reason
    row = InboundMail.objects.get()
    assert (row.from_email, row.subject) == ("tomas@okafor.example", "Calendar empty")


def test_a_defect_of_copydesk_quarantines_the_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(intake.message_creation, "from_mail", broken)
    receipt = intake.receive(raw())
    assert receipt.action == "quarantined" and "KeyError" in receipt.reason
    assert not Customer.objects.exists()


def test_a_mail_quarantined_by_a_defect_shows_its_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(intake, "_decide", broken)
    content = raw(date="Mon, 02 Nov 2026 08:00:00 +0000")
    receipt = intake.receive(content)
    assert receipt.action == "quarantined" and "KeyError" in receipt.reason
    row = InboundMail.objects.get()
    assert (row.from_email, row.subject) == ("tomas@okafor.example", "Calendar empty")
    assert row.written_at == datetime(2026, 11, 2, 8, tzinfo=UTC) and row.size == len(content)


@pytest.mark.parametrize("unsafe", ["a subject that cannot be stored", "a sender that cannot be told"])
def test_values_that_cannot_be_stored_in_quarantine_are_left_out(monkeypatch: pytest.MonkeyPatch, unsafe: str) -> None:
    if unsafe == "a subject that cannot be stored":
        monkeypatch.setattr(parsing, "_subject", lambda headers: "\ud800")
        letter = reading.read(raw())
        monkeypatch.setattr(reader, "read", lambda content: letter)
    else:
        monkeypatch.setattr(intake, "_duplicate", lambda arrival: None)
        monkeypatch.setattr(identity, "correspondent", lambda *args: 1 / 0)
        monkeypatch.setattr(intake, "_read", _read_without_asking_who)
    receipt = intake.receive(raw())
    assert receipt.action == "quarantined" and "An error in Copydesk" in receipt.reason
    row = InboundMail.objects.get()
    assert row.raw_path and (row.from_email, row.subject) == ("", "")


def _read_without_asking_who(content: bytes, raw_path: str) -> tuple[received_mails.Arrival, str]:
    return received_mails.Arrival(raw_path, len(content), store.sha256(content), reading.read(content)), ""


def test_attachments_kept_and_refused(settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = 100
    files = [
        file_part("a.pdf", kind="application/pdf"),
        file_part("run.EXE"),
        file_part("photo.jpg", "TVqQAAMA"),
        file_part("big.bin", "QUFB" * 60),
    ]
    receipt = intake.receive(multipart("mixed", text_part("See files."), *files))
    kept = {a.filename: a.refused for a in Attachment.objects.filter(message_id=receipt.message_id)}
    assert kept["a.pdf"] == "" and kept["run.EXE"].startswith("Programs") and "content" in kept["photo.jpg"]
    assert kept["big.bin"].startswith("Larger")
    with Attachment.objects.get(filename="a.pdf").file.open() as file:
        assert file.read() == b"hello"


def test_text_too_long_to_read_is_attached_whole() -> None:
    text = "word " * 20_000 + "the end"
    receipt = intake.receive(raw(text))
    assert len(Message.objects.get(pk=receipt.message_id).text) <= 60_000
    with Attachment.objects.get().file.open() as file:
        assert file.read().decode().endswith("the end")


def test_nul_overlong_and_empty_fields() -> None:
    receipt = intake.receive(
        raw("a\x00b", sender=f"{'N' * 500} <a@b.example>", subject="s\x00" * 900, in_reply_to=f"<{'r' * 980}@x>")
    )
    assert receipt.action == "created"
    assert intake.receive(raw("x", subject=None, message_id=f"<{'m' * 900}@x>")).action == "created"
    assert Ticket.objects.last().subject == "(no subject)"


def test_the_language_of_a_short_text_is_the_customers(tomas: Customer) -> None:
    Customer.objects.update(language="es")
    intake.receive(raw("ok"))
    assert Ticket.objects.get().language == "es"
    intake.receive(raw("Guten Tag, seit gestern kann ich mich nicht mehr anmelden.", message_id="<2@x>"))
    assert Ticket.objects.last().language == "de"
    assert Customer.objects.get().language == "es"


def test_quotes_and_signature_are_kept_apart() -> None:
    body = "It still fails.\n\n-- \nTomas\n\nOn Tue, 3 Mar 2026 at 10:12, S <s@t.example> wrote:\n> Restart it."
    message = Message.objects.get(pk=intake.receive(raw(body)).message_id)
    assert message.text == "It still fails." and "Restart it." in message.quoted and "Tomas" in message.quoted


def test_the_web_form() -> None:
    receipt = intake.receive_web(email="lena@haas.example", name="Lena Haas", subject="", text="Where is my invoice?")
    ticket = Ticket.objects.get(pk=receipt.ticket_id)
    assert (ticket.channel, ticket.subject, receipt.action) == ("web", "(no subject)", "created")
    with pytest.raises(ValidationError):
        intake.receive_web(email="nonsense", text="x")
    with pytest.raises(ValidationError):
        intake.receive_web(email="a@b.example", text=" \x00 ")


def test_a_form_sent_twice_is_one_ticket() -> None:
    import uuid

    submission = uuid.uuid4()
    first = intake.receive_web(email="a@b.example", text="Hello", submission=submission)
    again = intake.receive_web(email="a@b.example", text="Hello", submission=submission)
    assert again.action == "duplicate" and again.ticket_id == first.ticket_id


def test_a_member_makes_a_ticket_of_a_quarantined_mail(mira: User) -> None:
    intake.receive(raw(sender=None))
    row = InboundMail.objects.get()
    with pytest.raises(ValidationError):
        intake.make_ticket(row, mira, "")
    receipt = intake.make_ticket(row, mira, "tomas@okafor.example")
    assert receipt.action == "created"
    row.refresh_from_db()
    assert row.resolved_at and row.ticket_id == receipt.ticket_id and "No sender" in row.reason
    assert TicketEvent.objects.get(kind="received").actor == mira
    with pytest.raises(ValidationError):
        intake.make_ticket(row, mira, "tomas@okafor.example")


def test_an_unreadable_mail_becomes_a_ticket_with_itself_attached(mira: User, monkeypatch: pytest.MonkeyPatch) -> None:
    intake.receive(b"garbage that is no mail")

    def unreadable(raw: bytes) -> None:
        raise parsing.UnreadableMail("x")

    monkeypatch.setattr(reader, "read", unreadable)
    receipt = intake.make_ticket(InboundMail.objects.get(), mira, "a@b.example")
    message = Message.objects.get(pk=receipt.message_id)
    assert "garbage" in message.text and message.attachments.get().filename == "original.eml"


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=400), st.text(max_size=200).map(lambda t: raw(t, message_id=None))))
def test_any_bytes_have_a_receipt_and_a_row(content: bytes) -> None:
    receipt = intake.receive(content)
    assert receipt.action in {"created", "threaded", "duplicate", "ignored", "quarantined"}
    again = intake.receive(content)
    assert again.action == "duplicate"


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["sender", "subject", "to", "references", "content_type", "message_id"]), st.text(max_size=80)))  # fmt: skip  # noqa: E501
def test_any_headers_have_a_receipt(headers: dict[str, str]) -> None:
    content = raw("text", **headers).decode("utf-8", "surrogateescape").encode("utf-8", "replace")  # type: ignore[arg-type]
    assert intake.receive(content).action in {"created", "threaded", "duplicate", "ignored", "quarantined"}
