"""Replies through Django's SMTP backend to a real server that accepts, refuses or stays silent."""

import socket
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests import cast
from tests.tickets.pictures import png
from tickets import outbox, tasks, uploads
from tickets.mail.mime.addresses import Address
from tickets.mail.recipients import Recipients
from tickets.models import Customer, OutgoingMail, Ticket, User

pytestmark = [pytest.mark.django_db, pytest.mark.services]


class Server:
    """Answers to RCPT and DATA as the test wants, and keeps the mails that it accepted."""

    def __init__(self) -> None:
        self.rcpt, self.data, self.took = "250 OK", "250 OK", [b""][:0]
        self.rcpt_of: dict[str, str] = {}  # by address, where it is another answer
        self.to: list[str] = []

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, to: str, options: Any) -> str:  # noqa: N802
        answer = self.rcpt_of.get(to, self.rcpt)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(to)
            self.to.append(to)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data == "hang up":
            assert server.transport is not None
            self.took.append(envelope.content or b"")  # type: ignore[arg-type]
            server.transport.abort()
            return "250 OK"
        if self.data.startswith("250"):
            self.took.append(envelope.content or b"")  # type: ignore[arg-type]
        return self.data


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    handler, port = Server(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
    controller.start()
    settings.EMAIL_BACKEND = "tickets.mail.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 5
    yield handler
    controller.stop()


@pytest.fixture
def send(mira: User) -> Callable[[], OutgoingMail]:
    def send_one() -> OutgoingMail:
        row = outbox.write_reply(cast.new_ticket(), mira, "Grüße, see Settings.", submission=None).outgoing
        tasks.send_reply(row.pk)
        row.refresh_from_db()
        return row

    return send_one


def test_a_reply_arrives(server: Server, send: Callable[[], OutgoingMail]) -> None:
    row = send()
    assert row.state == "sent"
    mail = message_from_bytes(server.took[0])
    assert mail["To"] == "tomas@okafor.example" and mail["Message-ID"] == f"<{row.message.message_id}>"
    assert "Grüße, see Settings." in mail.get_payload(decode=True).decode()  # type: ignore[union-attr]


def test_files_arrive_byte_for_byte(server: Server, mira: User) -> None:
    ticket, files = (
        cast.new_ticket(),
        {"Rechnung März.csv": b"a;b\r\n1;2\r\n", "shot.png": png(200, 100), "old.txt": b"Gr\xfc\xdfe"},
    )
    kept = [
        uploads.receive(ticket, mira, SimpleUploadedFile(name, content), for_note=False).pk
        for name, content in files.items()
    ]
    row = outbox.write_reply(ticket, mira, "See the files.", submission=None, files=kept).outgoing
    assert tasks.send_reply(row.pk) == "sent"
    mail = message_from_bytes(server.took[0], policy=policy.default)
    assert {part.get_filename(): part.get_payload(decode=True) for part in mail.iter_attachments()} == files


@pytest.mark.parametrize(
    ("rcpt", "data", "state"),
    [
        ("451 4.3.0 try later", "250 OK", "queued"),
        ("550 5.1.1 no such user", "250 OK", "failed"),
        ("250 OK", "452 4.2.2 mailbox full", "queued"),
        ("250 OK", "554 5.7.1 spam", "failed"),
    ],
)
def test_refusals(server: Server, send: Callable[[], OutgoingMail], rcpt: str, data: str, state: str) -> None:
    server.rcpt, server.data = rcpt, data
    row = send()
    refusal = rcpt if not rcpt.startswith("250") else data
    assert row.state == state and refusal.split(" ", 1)[1] in row.error and not server.took


def test_silence_after_the_text_is_uncertain_and_never_repeated(
    server: Server, send: Callable[[], OutgoingMail]
) -> None:
    server.data = "hang up"
    row = send()
    assert row.state == "uncertain" and len(server.took) == 1
    tasks.send_reply(row.pk)
    tasks.send_due_mail()
    assert len(server.took) == 1
    assert Ticket.objects.get().events.filter(kind="send_unsure").count() == 1


def test_an_international_address(server: Server, mira: User) -> None:
    ticket = cast.new_ticket(Customer.objects.create(email="josé@bücher.example"))
    row = outbox.write_reply(ticket, mira, "Hola", submission=None).outgoing
    tasks.send_reply(row.pk)
    row.refresh_from_db()
    assert row.state == "sent" and server.to == ["josé@bücher.example"]
    assert "To: josé@bücher.example\r\n".encode() in server.took[0]


def test_a_server_that_knows_no_international_addresses(
    server: Server, mira: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtplib.SMTP.has_extn", lambda self, name: False)
    ticket = cast.new_ticket(Customer.objects.create(email="josé@okafor.example"))
    row = outbox.write_reply(ticket, mira, "Hola", submission=None).outgoing
    tasks.send_reply(row.pk)
    row.refresh_from_db()
    assert row.state == "failed" and "letters beyond ASCII" in row.error


def test_a_mail_server_that_cannot_be_reached(server: Server, send: Callable[[], OutgoingMail], settings: Any) -> None:
    settings.EMAIL_PORT = free_port()
    row = send()
    assert row.state == "queued" and row.attempts == 1 and "cannot be reached" in row.error


# --- several recipients ----------------------------------------------------------

ANNA, BEN = Address("Anna Berg", "anna@berg.example"), Address("", "ben@bücher.example")


def send_to(mira: User, *copy: Address) -> OutgoingMail:
    row = outbox.write_reply(cast.new_ticket(), mira, "Hi", submission=None, recipients=Recipients((), copy)).outgoing
    tasks.send_reply(row.pk)
    row.refresh_from_db()
    return row


def again(row: OutgoingMail) -> OutgoingMail:
    """The time of the next try has come."""
    OutgoingMail.objects.update(send_after=timezone.now())
    tasks.send_reply(row.pk)
    row.refresh_from_db()
    return row


def test_all_recipients_get_the_mail_and_see_who_else_does(server: Server, mira: User) -> None:
    assert send_to(mira, ANNA, BEN).state == "sent"
    assert server.to == ["tomas@okafor.example", "anna@berg.example", "ben@xn--bcher-kva.example"]
    assert message_from_bytes(server.took[0])["Cc"] == "anna@berg.example, ben@xn--bcher-kva.example"


def test_one_who_is_refused_is_told_and_the_others_get_the_mail(server: Server, mira: User) -> None:
    server.rcpt_of = {"ben@xn--bcher-kva.example": "550 5.1.1 no such user"}
    row = send_to(mira, ANNA, BEN)
    assert row.state == "failed" and "no such user" in row.error
    assert server.to == ["tomas@okafor.example", "anna@berg.example"]
    assert list(row.message.recipients.filter(accepted=False).values_list("email", flat=True)) == ["ben@bücher.example"]
    assert Ticket.objects.get().status == "open"


def test_the_next_try_goes_only_to_those_who_were_refused_for_now(server: Server, mira: User) -> None:
    server.rcpt_of = {"anna@berg.example": "451 4.7.1 greylisted"}
    row = send_to(mira, ANNA, BEN)
    assert row.state == "queued" and len(server.to) == 2
    server.to, server.rcpt_of = [], {}
    assert again(row).state == "sent" and server.to == ["anna@berg.example"]
    assert message_from_bytes(server.took[1])["To"] == "tomas@okafor.example"
    assert set(row.message.recipients.values_list("accepted", "refused")) == {(True, "")}


def test_for_now_and_for_ever_are_tried_again_until_only_for_ever_is_left(server: Server, mira: User) -> None:
    server.rcpt_of = {"anna@berg.example": "451 later", "ben@xn--bcher-kva.example": "550 no such user"}
    row = send_to(mira, ANNA, BEN)
    assert row.state == "queued"
    del server.rcpt_of["anna@berg.example"]
    assert again(row).state == "failed"
    assert row.message.recipients.get(accepted=False).email == "ben@bücher.example"


def test_an_international_address_in_copy_is_written_in_utf8(server: Server, mira: User) -> None:
    josé = Address("", "josé@bücher.example")
    assert send_to(mira, ANNA, josé).state == "sent"
    assert "Cc: anna@berg.example, josé@bücher.example\r\n".encode() in server.took[0]
    assert "josé@bücher.example" in server.to


def test_if_nobody_is_accepted_nobody_has_it(server: Server, mira: User) -> None:
    server.rcpt = "550 5.7.1 no"
    row = send_to(mira, ANNA)
    assert row.state == "failed" and not row.message.recipients.filter(accepted=True).exists()
    assert all("5.7.1 no" in each.refused for each in row.message.recipients.all())
