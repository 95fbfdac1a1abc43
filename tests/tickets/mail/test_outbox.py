"""tickets/outbox.py and delivery.py: a reply is sent once, or is uncertain and a member decides."""

import uuid
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as ours
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.fields.files import FieldFile
from django.utils import timezone

from tests import cast
from tickets import delivery, lifecycle, outbox, signals, tasks, uploads
from tickets.mail import quoting
from tickets.mail.writing import MailError, body
from tickets.models import Message, OutgoingMail, Ticket, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mails_become_files(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tickets.mail.files.EmailBackend"


def reply(ticket: Ticket, mira: User, text: str = "Open Settings, then Billing. [1]", **more: Any) -> OutgoingMail:
    return outbox.write_reply(ticket, mira, text, submission=more.pop("submission", None), **more).outgoing


def chosen(ticket: Ticket, mira: User, name: str, content: bytes, kind: str = "text/plain") -> int:
    """A file in Mira's composer."""
    return uploads.receive(ticket, mira, SimpleUploadedFile(name, content, kind), for_note=False).pk


def files(settings: Any) -> list[Path]:
    return sorted((Path(settings.MAIL_DIR) / "out").glob("*.eml"))


def kinds(ticket: Ticket) -> list[str]:
    return list(ticket.events.values_list("kind", flat=True))


def fail_with(monkeypatch: pytest.MonkeyPatch, kind: Any) -> None:
    def transmit(mail: object) -> None:
        raise MailError("no", kind)

    monkeypatch.setattr(delivery, "transmit", transmit)


@pytest.mark.parametrize(
    "text",
    ["Set `servers[0].host` and keep items[12].", "See note [1] below.", "[1] and [2][3]", "rows[1][2] = x[0]"],
)
def test_what_the_agent_typed_reaches_the_customer_untouched(ticket: Ticket, mira: User, text: str) -> None:
    assert reply(ticket, mira, text).message.text == text


@pytest.mark.parametrize("language", [code for code, _ in ours.LANGUAGES] + ["pl", ""])
def test_what_we_quote_is_recognized_when_it_comes_back(ticket: Ticket, mira: User, language: str) -> None:
    """The line above it is in the customer's language, or in ours."""
    Ticket.objects.filter(pk=ticket.pk).update(language=language)
    sent = body(reply(ticket, mira, "Open Settings.").message)
    quoted = sent[sent.index("\n\n") + 2 :]
    assert quoted.splitlines()[0].endswith(":") and ticket.customer.name in quoted.splitlines()[0]
    back = quoting.split_plain(f"Thanks, it works.\n\n{quoted}", quoting.Context(subject="Re: Charged twice"))
    assert back.text == "Thanks, it works." and back.quoted.splitlines()[0].endswith(":")


def test_the_date_above_what_we_quote_is_written_as_in_the_customers_language(ticket: Ticket, mira: User) -> None:
    Ticket.objects.filter(pk=ticket.pk).update(language="de")
    ticket.messages.update(created_at=datetime(2026, 3, 2, 9, 5, tzinfo=UTC))
    assert "Am 2. Mär 2026, 09:05 UTC schrieb" in body(reply(ticket, mira, "Open Settings.").message)


def test_a_reply_is_not_written_over_a_message_that_its_sender_has_not_seen(ticket: Ticket, mira: User) -> None:
    seen = ticket.messages.get().pk
    reply(ticket, cast.jonas(), "Jonas was faster.")
    with pytest.raises(outbox.NewerMessages) as newer:
        reply(ticket, mira, "Mine", seen=seen)
    assert [message.text for message in newer.value.messages] == ["Jonas was faster."]
    assert ticket.messages.filter(kind="reply").count() == 1
    reply(ticket, mira, "Mine", seen=newer.value.messages[-1].pk)


def test_notes_and_undone_replies_are_not_newer(ticket: Ticket, mira: User, jonas: User, settings: Any) -> None:
    settings.UNDO_SEND_SECONDS = 30
    seen = ticket.messages.get().pk
    back = reply(ticket, jonas, "Too early")
    assert outbox.undo(back.message_id, jonas)
    Message.objects.create(ticket=ticket, kind="note", author=jonas, text="for the team")
    assert reply(ticket, mira, "Mine", seen=seen).state == "queued"


def test_the_same_submission_again_is_no_newer_message(ticket: Ticket, mira: User) -> None:
    seen, submission = ticket.messages.get().pk, uuid.uuid4()
    first = reply(ticket, mira, "Hi", seen=seen, submission=submission)
    assert reply(ticket, mira, "Hi", seen=seen, submission=submission) == first


def test_a_reply_is_queued_and_threaded_and_the_ticket_waits_for_the_customer(ticket: Ticket, mira: User) -> None:
    row = reply(ticket, mira)
    message = row.message
    assert (row.state, row.message.recipients.get().email, row.subject) == (
        "queued",
        "tomas@okafor.example",
        "Re: Charged twice in March",
    )
    assert message.text == "Open Settings, then Billing."
    assert message.message_id.startswith(f"{ticket.pk}.") and message.message_id.endswith("@tallybird.example")
    asked = ticket.messages.get(kind="customer")
    assert message.in_reply_to == asked.message_id == message.references
    ticket.refresh_from_db()
    assert ticket.status == "pending" and ticket.first_response_at is not None
    assert kinds(ticket) == ["replied", "status"]


def test_references_are_bounded_and_keep_the_first(ticket: Ticket, mira: User) -> None:
    chain = " ".join(f"{i}@x" for i in range(50))
    Message.objects.update(references=chain)
    references = reply(ticket, mira).message.references.split()
    assert len(references) == outbox.MAX_REFERENCES and references[0] == "0@x"


def test_the_same_submission_twice_is_one_reply(ticket: Ticket, mira: User) -> None:
    submission = uuid.uuid4()
    assert reply(ticket, mira, submission=submission) == reply(ticket, mira, "Changed", submission=submission)
    assert OutgoingMail.objects.count() == 1
    with pytest.raises(ValueError, match="empty"):
        reply(ticket, mira, " [1] ")


def test_signal_and_job_on_commit(
    ticket: Ticket, mira: User, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs: list[tuple[Any, ...]] = []
    monkeypatch.setattr(outbox, "queue", lambda *job, lane, after: jobs.append((*job, lane, after)))
    heard: list[dict[str, Any]] = []

    def listen(sender: object, **news: Any) -> None:
        heard.append(news)

    signals.reply_written.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        row = reply(ticket, mira, prepared="17")
    assert (heard[0]["message_id"], heard[0]["ticket_id"]) == (row.message_id, ticket.pk)
    assert row.message.composition["prepared"] == "17"
    assert jobs == [("tickets.tasks.send_reply", row.pk, "worker", row.send_after)]


def test_the_mail_as_it_is_sent(ticket: Ticket, mira: User, settings: Any) -> None:
    row = reply(ticket, mira, files=[chosen(ticket, mira, "steps.txt", b"one two")])
    assert tasks.send_reply(row.pk) == "sent"
    sent = message_from_bytes(files(settings)[0].read_bytes(), policy=policy.default)
    assert sent["From"] == "Tallybird Support <support@tallybird.example>"
    assert sent["To"] == "tomas@okafor.example"
    assert f"support+{ticket.reply_token}@tallybird.example" in sent["Reply-To"]
    assert sent["Message-ID"] == f"<{row.message.message_id}>"
    assert sent["In-Reply-To"] == sent["References"] == f"<{row.message.in_reply_to}>"
    assert sent["X-Copydesk-Loop"] == "support@tallybird.example"
    assert sent["Auto-Submitted"] is None and sent["Precedence"] is None
    body = sent.get_body(("plain",)).get_content()
    assert body.startswith("Open Settings, then Billing.") and "> I was charged twice" in body
    assert [part.get_filename() for part in sent.iter_attachments()] == ["steps.txt"]
    row.refresh_from_db()
    assert row.state == "sent" and row.sent_at and kinds(ticket)[-1] == "sent"
    assert files(settings)[0].name == f"{row.message.message_id}.eml"


FORWARDED = (
    b"From: Lena Haas <lena@haas.example>\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"Content-Type: text/plain; charset=latin-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    b"Gr\xfc\xdfe\n.\nFrom here on the line ends are mixed\r\n\x00\xff"
)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("figures.csv", b"day;amount\r\n1;9,00\r\n\r\n2;9,00\r\n", "text/csv"),
        ("Счёт №7 – Grüße.txt", "Grüße, 5 £".encode("latin-1"), "text/plain"),
        ("wide.txt", "Grüße\r\n".encode("utf-16"), "text/plain"),
        ("mixed.txt", b"a\nb\rc\r\n \r\n.\r\nFrom x\n" + b"y" * 5000, "text/plain"),
        ("no end of line", b"x", "text/plain"),
        ("forwarded.eml", FORWARDED, "message/rfc822"),
        ("forwarded.eml", FORWARDED, "message/delivery-status"),
        ("all.bin", bytes(range(256)) * 50, "application/octet-stream"),
        ("steps.txt", b"one two", ""),
        ("steps.txt", b"one two", "x"),
        ("steps.txt", b"one two\r\n", "text/html; charset=utf-8"),
        ("steps.txt", b"one two\r\n", "TEXT/HTML"),
        ("steps.txt", b"--x\r\n\r\none\r\n--x--\r\n", "multipart/mixed"),
        ("steps.txt", b"one two", "text/plain\r\nBcc: all@x.example"),
        (f"{'Grüße ' * 40}.txt", b"one two", "text/plain"),
        ('"quoted"; name=x.txt', b"one two", "text/plain"),
    ],
)
def test_a_file_arrives_as_it_was_attached(
    ticket: Ticket, mira: User, settings: Any, name: str, content: bytes, kind: str
) -> None:
    row = reply(ticket, mira, files=[chosen(ticket, mira, name, content, kind)])
    assert tasks.send_reply(row.pk) == "sent"
    sent = message_from_bytes(files(settings)[0].read_bytes(), policy=policy.default)
    (part,) = sent.iter_attachments()
    assert (part.get_filename(), part.get_payload(decode=True)) == (name, content)
    assert not part.is_multipart() and part["Content-Transfer-Encoding"] == "base64"
    assert part.get_content_disposition() == "attachment" and part.get_content_type() in {
        kind,
        "application/octet-stream",
    }
    assert sent["Bcc"] is None


def test_files_arrive_in_the_order_that_was_chosen(ticket: Ticket, mira: User, settings: Any) -> None:
    kept = [chosen(ticket, mira, name, name.encode()) for name in ("1.txt", "2.txt", "3.txt")]
    tasks.send_reply(reply(ticket, mira, files=[kept[2], kept[0], kept[1]]).pk)
    sent = message_from_bytes(files(settings)[0].read_bytes(), policy=policy.default)
    assert [part.get_filename() for part in sent.iter_attachments()] == ["3.txt", "1.txt", "2.txt"]


@pytest.mark.parametrize(
    ("trouble", "state", "said"),
    [
        (FileNotFoundError, "failed", "The file steps.txt is missing in the storage."),
        (PermissionError, "queued", "The file steps.txt cannot be read (PermissionError)."),
    ],
)
def test_a_file_that_cannot_be_read_holds_the_reply_back_and_says_so(
    ticket: Ticket, mira: User, settings: Any, monkeypatch: pytest.MonkeyPatch, trouble: Any, state: str, said: str
) -> None:
    row = reply(ticket, mira, files=[chosen(ticket, mira, "steps.txt", b"1. Open it")])

    def broken(self: FieldFile, mode: str = "rb") -> None:
        raise trouble

    monkeypatch.setattr(FieldFile, "open", broken)
    assert delivery.deliver(row.pk) == state
    row.refresh_from_db()
    assert row.error == said and files(settings) == []


def test_header_injection_is_impossible(mira: User, settings: Any) -> None:
    ticket = cast.new_ticket(subject="Hi\r\nBcc: all@x.example")
    assert tasks.send_reply(reply(ticket, mira).pk) == "sent"
    assert message_from_bytes(files(settings)[0].read_bytes())["Bcc"] is None


def test_nothing_leaves_within_the_undo_window(ticket: Ticket, mira: User, settings: Any) -> None:
    settings.UNDO_SEND_SECONDS = 30
    row = reply(ticket, mira)
    assert tasks.send_reply(row.pk) == "queued" and tasks.send_due_mail() == {"tried": 0, "uncertain": 0}
    assert not files(settings)


def test_undo_takes_it_back_and_restores_the_clock(ticket: Ticket, mira: User, settings: Any) -> None:
    since = Ticket.objects.get().waiting_since
    row = reply(ticket, mira)
    assert outbox.undo(row.message_id, mira) and not outbox.undo(row.message_id, mira)
    assert tasks.send_reply(row.pk) == "undone" and not files(settings)
    found = Ticket.objects.get()
    assert (found.status, found.waiting_since, found.first_response_at) == ("open", since, None)
    assert "send_undone" in kinds(ticket)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_two_replies_taken_back_in_any_order_leave_the_ticket_as_before(
    ticket: Ticket, mira: User, order: tuple[int, int]
) -> None:
    since = Ticket.objects.get().waiting_since
    rows = [reply(ticket, mira), reply(ticket, mira)]
    first, second = (rows[at] for at in order)
    assert outbox.undo(first.message_id, mira)
    assert Ticket.objects.get().status == "pending"  # the other one still leaves
    assert outbox.undo(second.message_id, mira)
    found = Ticket.objects.get()
    assert (found.status, found.waiting_since, found.first_response_at) == ("open", since, None)


def test_a_reply_that_was_undone_before_is_no_part_of_a_later_undo(ticket: Ticket, mira: User, settings: Any) -> None:
    settings.UNDO_SEND_SECONDS = 10
    lifecycle.set_status(ticket, Ticket.Status.PENDING)
    assert outbox.undo(reply(ticket, mira).message_id, mira)
    lifecycle.set_status(ticket, Ticket.Status.OPEN, why="reply came back")
    assert outbox.undo(reply(ticket, mira).message_id, mira)
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.OPEN


def test_when_all_replies_are_undone_in_any_order_the_customer_waits_as_before(
    ticket: Ticket, mira: User, settings: Any
) -> None:
    settings.UNDO_SEND_SECONDS = 10
    since = Ticket.objects.get().waiting_since
    one, two = (reply(Ticket.objects.get(), mira).message_id for _ in range(2))
    assert outbox.undo(one, mira)  # there is a later one: nothing is restored
    three = reply(Ticket.objects.get(), mira).message_id
    assert outbox.undo(two, mira) and outbox.undo(three, mira)
    found = Ticket.objects.get()
    assert (found.status, found.waiting_since, found.first_response_at) == ("open", since, None)


def test_undo_comes_too_late_once_claimed(ticket: Ticket, mira: User) -> None:
    row = reply(ticket, mira)
    OutgoingMail.objects.update(state="sending")
    assert not outbox.undo(row.message_id, mira)


def test_a_broker_that_is_down_loses_nothing(
    ticket: Ticket, mira: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def down(*args: object, **kwargs: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("django_q.tasks.async_task", down)
    with django_capture_on_commit_callbacks(execute=True):
        row = reply(ticket, mira)
    assert tasks.send_due_mail() == {"tried": 1, "uncertain": 0}
    row.refresh_from_db()
    assert row.state == "sent"


def test_temporary_errors_are_tried_again_with_patience(
    ticket: Ticket, mira: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_with(monkeypatch, "temporary")
    row = reply(ticket, mira)
    for attempt in range(1, 5):
        assert tasks.send_reply(row.pk) == "queued"
        row.refresh_from_db()
        assert row.attempts == attempt and row.send_after > timezone.now()
        assert tasks.send_reply(row.pk) == "queued"  # not due yet
        OutgoingMail.objects.update(send_after=timezone.now())
    assert tasks.send_reply(row.pk) == "failed"
    assert kinds(ticket)[-2:] == ["send_failed", "status"] and Ticket.objects.get().status == "open"


def test_permanent_errors_are_not(ticket: Ticket, mira: User, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, "permanent")
    row = reply(ticket, mira)
    assert tasks.send_reply(row.pk) == "failed" == tasks.send_reply(row.pk)
    assert OutgoingMail.objects.get().attempts == 1


def test_a_stale_claim_is_a_persons_question(ticket: Ticket, mira: User, settings: Any) -> None:
    row = reply(ticket, mira)
    OutgoingMail.objects.update(state="sending", claimed_at=timezone.now() - timedelta(minutes=3), attempts=1)
    assert tasks.send_due_mail() == {"tried": 0, "uncertain": 1} and tasks.send_due_mail() == {
        "tried": 0,
        "uncertain": 0,
    }
    row.refresh_from_db()
    assert row.state == "uncertain" and "send_unsure" in kinds(ticket) and not files(settings)
    assert Ticket.objects.get().status == "open"


def test_a_slow_server_that_said_yes_after_all_is_believed(ticket: Ticket, mira: User, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip  # noqa: E501
    row = reply(ticket, mira)

    def slow(mail: object) -> None:
        OutgoingMail.objects.update(state="uncertain")

    monkeypatch.setattr(delivery, "transmit", slow)
    tasks.send_reply(row.pk)
    assert OutgoingMail.objects.get().state == "sent"


@pytest.mark.parametrize(("decision", "state"), [("arrived", "sent"), ("again", "queued")])
def test_a_person_resolves(ticket: Ticket, mira: User, decision: str, state: str) -> None:
    row = reply(ticket, mira)
    assert not delivery.resolve(row, decision, mira)  # it is queued: nothing to decide
    OutgoingMail.objects.update(state="uncertain", attempts=1)
    assert delivery.resolve(row, decision, mira) and not delivery.resolve(row, decision, mira)
    assert OutgoingMail.objects.get().state == state
    assert not outbox.undo(row.message_id, mira)  # it may have arrived: nobody can say that it did not
