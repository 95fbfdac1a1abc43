"""Mails that the server takes for some recipients and not for others, and reports about them."""

from typing import Any

import pytest

from tests.tickets.mail.test_smtp import Server, server
from tests.tickets.mails import bounce, multipart, text_part
from tickets import delivery, outbox, tasks
from tickets.mail import intake, recipient_rows
from tickets.mail.mime.addresses import Address
from tickets.mail.recipients import Recipients
from tickets.models import Message, OutgoingMail, Recipient, Ticket, User

pytestmark = pytest.mark.django_db
ANNA = Address("Anna Berg", "anna@berg.example")
BEN = Address("Ben Miller", "ben@miller.example")


__all__ = ["server"]  # a fixture


@pytest.fixture(autouse=True)
def at_once(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tickets.mail.files.EmailBackend"
    settings.UNDO_SEND_SECONDS = 0


def reply(ticket: Ticket, mira: User) -> Message:
    return outbox.write_reply(
        ticket, mira, "Open Settings.", submission=None, recipients=Recipients((), (ANNA,), (BEN,))
    )


def accepted() -> dict[str, bool]:
    return dict(Recipient.objects.values_list("email", "accepted"))


@pytest.mark.services
def test_nobody_has_a_mail_when_the_server_closes_at_one_recipient(
    server: Server, ticket: Ticket, mira: User, settings: Any
) -> None:
    """421 at RCPT: smtplib raises SMTPRecipientsRefused with this one recipient; there was no DATA."""
    server.rcpt_of = {"anna@berg.example": "421 4.7.0 Too many recipients, try again later"}
    message = reply(ticket, mira)
    settings.EMAIL_BACKEND = "tickets.mail.smtp.EmailBackend"
    assert tasks.send_reply(message.outgoing.pk) == "queued"
    assert server.took == [], "the server took nothing"
    assert set(accepted().values()) == {False}, f"nobody has it: {accepted()}"


def test_a_second_bounce_is_kept_too(ticket: Ticket, mira: User) -> None:
    message = reply(ticket, mira)
    tasks.send_reply(message.outgoing.pk)
    intake.receive(bounce(message.message_id).replace(b"x@y", b"anna@berg.example"))
    intake.receive(
        bounce(message.message_id).replace(b"x@y", b"ben@miller.example").replace(b"<bounce@", b"<bounce-2@")
    )
    assert accepted() == {"tomas@okafor.example": True, "anna@berg.example": False, "ben@miller.example": False}


def test_a_bounce_before_the_outcome_is_recorded_stays(
    ticket: Ticket, mira: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The report of a fast server comes while the mail is `sending`."""
    message = reply(ticket, mira)

    def transmit(_mail: Any) -> None:
        intake.receive(bounce(message.message_id).replace(b"x@y", b"anna@berg.example"))

    monkeypatch.setattr(delivery, "transmit", transmit)
    tasks.send_reply(message.outgoing.pk)
    assert OutgoingMail.objects.get().state == "failed"
    assert accepted() == {"tomas@okafor.example": True, "anna@berg.example": False, "ben@miller.example": True}
    assert Recipient.objects.get(email="anna@berg.example").refused


def test_only_those_of_failed_groups_did_not_get_it(ticket: Ticket, mira: User) -> None:
    """One report about two recipients: RFC 3464, one group for each."""
    message = reply(ticket, mira)
    tasks.send_reply(message.outgoing.pk)
    groups = (
        "Final-Recipient: rfc822; anna@berg.example\nAction: failed\nStatus: 5.1.1\n\n"
        "Final-Recipient: rfc822; ben@miller.example\nAction: delivered\nStatus: 2.0.0"
    )
    report = f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n{groups}"
    original = f"Content-Type: message/rfc822\n\nMessage-ID: <{message.message_id}>\nSubject: Re: x\n\nHello"
    intake.receive(
        multipart(
            "report; report-type=delivery-status",
            text_part("Your mail could not be delivered."),
            report,
            original,
            sender="Mail Delivery System <MAILER-DAEMON@mx.example>",
            message_id="<b@mx.example>",
            return_path="<>",
        )
    )
    assert accepted() == {"tomas@okafor.example": True, "anna@berg.example": False, "ben@miller.example": True}


def test_a_bounce_of_an_address_in_its_own_script_is_of_that_address(ticket: Ticket, mira: User) -> None:
    message = outbox.write_reply(
        ticket, mira, "Hi", submission=None, recipients=Recipients((), (Address("", "anna@bücher.example"),))
    )
    tasks.send_reply(message.outgoing.pk)
    intake.receive(bounce(message.message_id).replace(b"x@y", b"anna@xn--bcher-kva.example"))
    assert accepted() == {"tomas@okafor.example": True, "anna@bücher.example": False}


def test_a_bounce_between_two_tries_is_kept(ticket: Ticket, mira: User) -> None:
    """One server refused for a moment, so the mail is queued again; the other recipient bounces meanwhile."""
    message = reply(ticket, mira)
    recipient_rows.accept(message, {"anna@berg.example": "450 try later"})
    OutgoingMail.objects.update(state="queued", attempts=1)
    intake.receive(bounce(message.message_id).replace(b"x@y", b"tomas@okafor.example"))
    assert accepted() == {"tomas@okafor.example": False, "anna@berg.example": False, "ben@miller.example": True}
