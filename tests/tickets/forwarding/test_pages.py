"""The dialog in requests."""

import json
import re
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client

from tests import cast
from tickets import outbox
from tickets.models import Attachment, Message, OutgoingMail, Ticket, User

pytestmark = pytest.mark.django_db
PIET = {"name": "Piet Vos", "email": "piet@vos.example"}


@pytest.fixture
def desk(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


def post(desk: Client, ticket: Ticket, **fields: Any) -> Any:
    message = ticket.messages.filter(kind="customer").latest("pk")
    sent = {"message": message.pk, "recipients": json.dumps({"to": [PIET]}), "text": "Where is it?", "whole": ""}
    return desk.post(f"/desk/{ticket.pk}/forward", sent | {"files": "", "submission": uuid.uuid4()} | fields)


def test_the_dialog_shows_what_is_sent(desk: Client, ticket: Ticket, mira: User) -> None:
    outbox.write_reply(ticket, mira, "We look into it.", submission=None)
    page = desk.get(f"/desk/{ticket.pk}/forward")
    assert page.context["message"].kind == "customer"
    assert "I was charged twice" in page.context["preview"] and "We look into it." not in page.context["preview"]
    assert json.loads(page.context["known"]) == ["support@tallybird.example", "tomas@okafor.example"]
    reply = ticket.messages.get(kind="reply")
    whole = desk.get(f"/desk/{ticket.pk}/forward", {"message": reply.pk}).context["preview_whole"]
    assert "I was charged twice" in whole and "We look into it." in whole


def test_forwarding_and_taking_it_back(desk: Client, ticket: Ticket) -> None:
    answer = post(desk, ticket, whole="1")
    assert answer.status_code == 200
    assert answer.json()["undo_seconds"] == settings.UNDO_SEND_SECONDS
    message = Message.objects.get(pk=answer.json()["message"])
    assert message.kind == "forward" and "Forwarded conversation" in message.quoted
    undone = desk.post(f"/messages/{message.pk}/undo-send").json()
    assert undone["ticket"] == ticket.pk
    assert undone["forward"] == {
        "message": ticket.messages.get(kind="customer").pk,
        "text": "Where is it?",
        "recipients": {"to": [PIET], "cc": [], "bcc": []},
        "files": [],
        "whole": True,
    }


@pytest.mark.parametrize("state", ["queued", "sending", "sent", "failed", "uncertain", "undone"])
def test_the_line_below_it_speaks_of_no_reply_and_no_customer(desk: Client, ticket: Ticket, state: str) -> None:
    message = post(desk, ticket).json()["message"]
    OutgoingMail.objects.update(state=state)
    page = desk.get(f"/messages/{message}/delivery")
    assert page.status_code == 200
    line = re.sub("<[^>]*>", "", page.content.decode()).lower()
    assert line.strip() and "reply" not in line and "customer" not in line


def test_undo_that_comes_too_late_speaks_of_no_reply(desk: Client, ticket: Ticket) -> None:
    message = post(desk, ticket).json()["message"]
    desk.post(f"/messages/{message}/undo-send")
    assert desk.post(f"/messages/{message}/undo-send").json()["error"] == "Forwarding was undone already."
    OutgoingMail.objects.update(state="sent")
    assert desk.post(f"/messages/{message}/undo-send").json()["error"] == "Too late: it has already been forwarded."


@pytest.mark.parametrize(
    ("fields", "same"),
    [
        ({}, True),
        ({"text": " Where is it?\r\n"}, True),
        ({"recipients": json.dumps({"to": [{"email": "PIET@vos.example"}]})}, True),
        ({"text": "Where is he?"}, False),
        ({"whole": "1"}, False),
        ({"recipients": json.dumps({"to": [PIET, {"email": "carl@vos.example"}]})}, False),
        ({"recipients": json.dumps({"to": [PIET], "bcc": [{"email": "carl@vos.example"}]})}, False),
        ({"recipients": json.dumps({"to": [{"email": "carl@vos.example"}], "cc": [PIET]})}, False),
    ],
)
def test_a_second_try_says_whether_it_is_what_was_forwarded(
    desk: Client, ticket: Ticket, fields: dict[str, str], same: bool
) -> None:
    submission = uuid.uuid4()
    first = post(desk, ticket, submission=submission).json()
    second = post(desk, ticket, submission=submission, **fields).json()
    assert (first["same"], second["same"]) == (True, same)
    assert first["message"] == second["message"] and OutgoingMail.objects.count() == 1


def test_a_second_try_with_another_file_or_message_or_after_undo_is_not_the_same(
    desk: Client, ticket: Ticket, mira: User
) -> None:
    row = Attachment(
        message=ticket.messages.get(), filename="a.pdf", content_type="application/pdf", size=3, sha256="0"
    )
    row.file.save("0.bin", ContentFile(b"abc"), save=False)
    row.save()
    reply = outbox.write_reply(ticket, mira, "We look into it.", submission=None)
    submission = uuid.uuid4()
    written = post(desk, ticket, submission=submission, files=str(row.pk)).json()["message"]
    assert post(desk, ticket, submission=submission, files=str(row.pk)).json()["same"]
    assert not post(desk, ticket, submission=submission).json()["same"]
    assert not post(desk, ticket, submission=submission, message=reply.pk).json()["same"]
    desk.post(f"/messages/{written}/undo-send")
    assert not post(desk, ticket, submission=submission, files=str(row.pk)).json()["same"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"recipients": '{"to": []}'}, "Say who gets it."),
        ({"recipients": '{"to": [{"email": "piet"}]}'}, "is not an email address"),
        ({"recipients": ""}, "Please reload the page"),
        ({"recipients": '{"to": [{"email": "tomas@okafor.example"}]}'}, "is the customer. Write a reply instead."),
        ({"files": "99999"}, "A file is no longer there."),
        ({"files": "x"}, "Please reload the page"),
        ({"text": "x" * 50_001}, "too long"),
        ({"submission": ""}, "Please reload the page"),
    ],
)
def test_what_cannot_be_sent_is_said_in_a_sentence(
    desk: Client, ticket: Ticket, fields: dict[str, str], error: str
) -> None:
    answer = post(desk, ticket, **fields)
    assert answer.status_code == 422 and error in answer.json()["error"]
    assert not OutgoingMail.objects.exists()


def test_notes_and_messages_of_other_tickets_are_not_forwarded(desk: Client, ticket: Ticket, mira: User) -> None:
    note = ticket.messages.create(kind="note", author=mira, text="He is difficult.")
    foreign = cast.new_ticket(cast.lena()).messages.get()
    for message in (note, foreign):
        assert desk.get(f"/desk/{ticket.pk}/forward", {"message": message.pk}).status_code == 404
        assert post(desk, ticket, message=message.pk).status_code == 404


def test_a_ticket_without_a_message_has_nothing_to_forward(desk: Client, ticket: Ticket) -> None:
    ticket.messages.all().delete()
    assert desk.get(f"/desk/{ticket.pk}/forward").status_code == 404


def test_a_reply_that_was_undone_is_not_forwarded(desk: Client, ticket: Ticket, mira: User) -> None:
    reply = outbox.write_reply(ticket, mira, "A slip of the pen.", submission=None)
    OutgoingMail.objects.update(state="undone")
    assert desk.get(f"/desk/{ticket.pk}/forward", {"message": reply.pk}).status_code == 404


def test_a_file_that_is_missing_in_the_storage_is_said_in_a_sentence(desk: Client, ticket: Ticket) -> None:
    row = Attachment(
        message=ticket.messages.get(), filename="a.pdf", content_type="application/pdf", size=3, sha256="0"
    )
    row.file.save("0.bin", ContentFile(b"abc"), save=False)
    row.save()
    row.file.storage.delete(row.file.name)
    answer = post(desk, ticket, files=str(row.pk))
    assert answer.status_code == 422 and "The file a.pdf cannot be read." in answer.json()["error"]
