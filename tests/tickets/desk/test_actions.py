"""What agents do to a ticket, and that bad input changes nothing."""

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import cast
from tickets import outbox
from tickets.models import Attachment, Message, OutgoingMail, Team, Ticket, TicketEvent, User
from tickets.queue.fields import Asked
from tickets.queue.views import DESK

Post = Callable[..., HttpResponse]


@pytest.fixture
def post(client: Client, mira: User, ticket: Ticket) -> Post:
    client.force_login(mira)

    def send(name: str, **fields: Any) -> HttpResponse:
        return client.post(reverse(f"tickets:{name}", args=[ticket.pk]), fields)

    return send


def kinds(ticket: Ticket) -> list[str]:
    return list(ticket.events.values_list("kind", flat=True))


# --- reply --------------------------------------------------------------------


def test_a_reply_is_written_once_however_often_it_is_sent(post: Post, ticket: Ticket) -> None:
    fields = {"text": "Here you are [1].", "submission": uuid.uuid4()}
    first, second = post("reply", **fields), post("reply", **fields)
    assert first.status_code == second.status_code == 200
    assert first.json()["message"] == second.json()["message"]
    assert ticket.messages.filter(kind=Message.Kind.REPLY).count() == 1
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.PENDING


def test_a_reply_may_close(post: Post, ticket: Ticket) -> None:
    post("reply", text="Done.", submission=uuid.uuid4(), then="closed")
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.CLOSED


def test_a_submission_belongs_to_one_ticket(post: Post, client: Client, ticket: Ticket) -> None:
    other = cast.new_ticket()
    submission = uuid.uuid4()
    post("reply", text="Hello", submission=submission)
    answer = client.post(reverse("tickets:reply", args=[other.pk]), {"text": "Hello", "submission": submission})
    assert answer.status_code == 422 and not other.messages.filter(kind=Message.Kind.REPLY).exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": " ", "submission": "6d5ea1f0-3bb7-4dc5-8a3f-0d4d0b8d2a11"}, "nothing to send"),
        ({"text": "x" * 60_000, "submission": "6d5ea1f0-3bb7-4dc5-8a3f-0d4d0b8d2a11"}, "too long"),
        ({"text": "Hello"}, "reload the page"),
        ({"text": "Hello", "submission": "nonsense"}, ""),
        ({"text": "Hello", "submission": "6d5ea1f0-3bb7-4dc5-8a3f-0d4d0b8d2a11", "then": "exploded"}, ""),
    ],
)
def test_a_bad_reply_is_refused_with_a_message(post: Post, ticket: Ticket, fields: dict, words: str) -> None:
    answer = post("reply", **fields)
    assert answer.status_code == 422 and words in answer.json()["error"]
    assert not ticket.messages.filter(kind=Message.Kind.REPLY).exists()


def test_a_reply_can_be_undone_while_it_waits(post: Post, client: Client, ticket: Ticket, settings: Any) -> None:
    settings.UNDO_SEND_SECONDS = 60
    sent = post("reply", text="Too early", submission=uuid.uuid4()).json()
    assert sent["undo_seconds"] == 60
    address = reverse("tickets:undo_send", args=[sent["message"]])
    undone = client.post(address)
    assert undone.status_code == 200 and undone.json()["text"] == "Too early"
    again = client.post(address)
    assert again.status_code == 409 and "undone already" in again.json()["error"]
    assert OutgoingMail.objects.update(state=OutgoingMail.State.SENT) == 1
    assert "Too late" in client.post(address).json()["error"]


def test_only_replies_can_be_undone(client: Client, mira: User, ticket: Ticket) -> None:
    client.force_login(mira)
    assert client.post(reverse("tickets:undo_send", args=[ticket.messages.get().pk])).status_code == 404


def test_undo_returns_the_text_as_it_was_composed(post: Post, client: Client, ticket: Ticket, settings: Any) -> None:
    settings.UNDO_SEND_SECONDS = 60
    marks = {"marks": [[9, 1, 4]], "passages": [[0, 12, 4]]}
    sent = post("reply", text="Five days [1].", submission=uuid.uuid4(), prepared="4", composition=json.dumps(marks))
    back = client.post(reverse("tickets:undo_send", args=[sent.json()["message"]])).json()
    assert back["composition"] == {"text": "Five days [1].", "prepared": "4", **marks}


@pytest.mark.parametrize(
    "composition",
    [
        *("[]", "{}", "no JSON", '{"marks": 1, "passages": []}', '{"marks": [[1]], "passages": []}'),
        *('{"marks": [[1, 2, true]], "passages": []}', '{"marks": [[-1, 2, 3]], "passages": []}'),
    ],
)
def test_a_composition_of_another_shape_sends_nothing(post: Post, ticket: Ticket, composition: str) -> None:
    answer = post("reply", text="Hello", submission=uuid.uuid4(), composition=composition)
    assert answer.status_code == 422 and "reload" in answer.json()["error"]
    assert not ticket.messages.filter(kind=Message.Kind.REPLY).exists()


def test_a_reply_that_misses_a_newer_message_is_refused_with_it(post: Post, ticket: Ticket, jonas: User) -> None:
    seen = ticket.messages.get().pk
    outbox.write_reply(ticket, jonas, "Jonas was faster.", submission=None)
    answer = post("reply", text="Mine", submission=uuid.uuid4(), seen=seen)
    assert answer.status_code == 409
    (new,) = answer.json()["newer"]
    assert (new["who"], new["kind"], new["text"]) == ("Jonas Brandt", "reply", "Jonas was faster.")
    again = post("reply", text="Mine", submission=uuid.uuid4(), seen=new["id"])
    assert again.status_code == 200
    assert post("reply", text="Mine", submission=uuid.uuid4()).status_code == 200  # who names nothing is not asked


def with_files(ticket: Ticket, kind: str, *names: str, words: str = "") -> Message:
    message = ticket.messages.create(kind=kind, text=words)
    for name in names:
        Attachment.objects.create(message=message, filename=name, size=9, sha256="0" * 64, refused="Too large")
    return message


def test_of_a_newer_message_that_has_only_files_their_names_are_shown(post: Post, ticket: Ticket) -> None:
    seen = ticket.messages.get().pk
    with_files(ticket, Message.Kind.CUSTOMER, "screen.png", "terms.pdf")
    with_files(ticket, Message.Kind.CUSTOMER, "other.pdf", words="See these")
    newer = post("reply", text="Mine", submission=uuid.uuid4(), seen=seen).json()["newer"]
    assert [each["text"] for each in newer] == ["screen.png, terms.pdf", "See these"]


@pytest.mark.parametrize("words", ["", " \n"])
def test_of_a_message_that_has_only_files_the_team_sees_their_names(
    post: Post, client: Client, ticket: Ticket, words: str
) -> None:
    with_files(ticket, Message.Kind.CUSTOMER, "screen.png", "<terms>.pdf", words=words)
    shown = client.get(reverse("tickets:transfer", args=[ticket.pk])).content.decode()
    assert "<blockquote>screen.png, &lt;terms&gt;.pdf</blockquote>" in shown


def test_an_earlier_try_that_arrived_with_another_text_is_reported(post: Post, ticket: Ticket) -> None:
    submission = uuid.uuid4()
    assert post("reply", text="First words", submission=submission).json()["same"] is True
    assert post("reply", text="Other words", submission=submission).json()["same"] is False
    assert ticket.messages.get(kind=Message.Kind.REPLY).text == "First words"


def test_a_note_is_written_once_however_often_it_is_sent(post: Post, ticket: Ticket) -> None:
    fields = {"text": "I checked billing.", "submission": uuid.uuid4()}
    assert post("note", **fields).json() == post("note", **fields).json()
    assert ticket.messages.filter(kind=Message.Kind.NOTE).count() == 1 == kinds(ticket).count("noted")


# --- note, assignment, transfer ---------------------------------------------------


def test_a_note_is_for_the_team(post: Post, ticket: Ticket) -> None:
    assert post("note", text="").status_code == 422
    assert post("note", text="I checked billing.").status_code == 200
    note = ticket.messages.get(kind=Message.Kind.NOTE)
    assert note.author == cast.mira() and TicketEvent.Kind.NOTED in kinds(ticket)
    ticket.refresh_from_db()
    assert ticket.status == Ticket.Status.OPEN


def test_assigning(post: Post, ticket: Ticket, mira: User, otto: User) -> None:
    answer = post("assign", assignee=mira.pk).json()
    assert answer == {"changed": True, "assignee": "Mira Lindqvist", "events": [ticket.events.get().pk]}
    assert post("assign", assignee=mira.pk).json() == {"changed": False, "assignee": "Mira Lindqvist", "events": []}
    assert post("assign", assignee="").json()["assignee"] == ""
    for nobody in (otto.pk, 999, "x"):
        assert post("assign", assignee=nobody).status_code == 422
    ticket.refresh_from_db()
    assert ticket.assignee is None


def test_a_transfer_shows_its_form_first_and_acts_only_on_post(post: Post, client: Client, ticket: Ticket) -> None:
    team = Team.objects.create(name="Billing", slug="billing")
    shown = client.get(reverse("tickets:transfer", args=[ticket.pk])).content.decode()
    for part in (ticket.customer.name, ticket.subject, "Will one of the payments disappear?", "Billing"):
        assert part in shown
    ticket.refresh_from_db()
    assert ticket.team is None
    assert post("transfer", team=team.pk, note="Two charges, see March.").json()["team"] == "Billing"
    ticket.refresh_from_db()
    assert ticket.team == team and ticket.assignee is None
    assert ticket.messages.get(kind=Message.Kind.NOTE).text == "Two charges, see March."


def test_a_transfer_without_a_note_is_refused_and_keeps_the_team(post: Post, ticket: Ticket) -> None:
    team = Team.objects.create(name="Billing", slug="billing")
    answer = post("transfer", team=team.pk, note="")
    assert answer.status_code == 422
    assert "Write a short note for the team" in answer.content.decode() and "selected" in answer.content.decode()
    assert "my note" in post("transfer", team="", note="my note").content.decode()
    ticket.refresh_from_db()
    assert ticket.team is None


def test_undoing_a_transfer_without_its_undo_assigns_the_ticket(post: Post, ticket: Ticket, mira: User) -> None:
    post("transfer", team=cast.team("Billing").pk, note="yours")
    assert post("undo_transfer").json() == {"changed": True}
    ticket.refresh_from_db()
    assert ticket.assignee == mira


def test_a_pending_ticket_is_open_after_a_transfer_and_in_the_view_of_that_team(
    post: Post, ticket: Ticket, jonas: User
) -> None:
    billing = cast.team("Billing")
    jonas.teams.set([billing])
    post("assign", assignee=cast.mira().pk)
    post("status", status="pending")
    was = Ticket.objects.get()
    undo = post("transfer", team=billing.pk, note="yours")
    assert Ticket.objects.get().status == "open"
    assert Ticket.objects.filter(DESK["team"].filters.where(Asked(jonas, timezone.now()))).get() == ticket
    assert post("undo_transfer", undo=undo.json()["undo"]).json() == {"changed": True}
    now = Ticket.objects.get()
    for field in ("status", "team", "assignee", "waiting_since"):
        assert getattr(now, field) == getattr(was, field), field
    assert post("undo_transfer", undo="nonsense").status_code == 409


def test_a_transfer_cannot_be_undone_once_the_ticket_is_assigned(post: Post, ticket: Ticket, jonas: User) -> None:
    undo = post("transfer", team=cast.team("Billing").pk, note="yours").json()["undo"]
    post("assign", assignee=jonas.pk)
    assert post("undo_transfer", undo=undo).status_code == 409
    assert Ticket.objects.get().assignee == jonas


def test_a_transfer_cannot_be_undone_after_another_transfer(post: Post, ticket: Ticket) -> None:
    undo = post("transfer", team=cast.team("Billing").pk, note="yours").json()["undo"]
    other = cast.team("Security")
    post("transfer", team=other.pk, note="rather yours")
    assert post("undo_transfer", undo=undo).status_code == 409
    assert Ticket.objects.get().team == other


# --- status, priority, closing ------------------------------------------------------------


def test_status_and_priority(post: Post, ticket: Ticket) -> None:
    status = post("status", status="pending").json()
    priority = post("priority", priority=4).json()
    assert status == {"changed": True, "events": [ticket.events.get(kind="status").pk]}
    assert priority == {"priority": 4, "events": [ticket.events.get(kind="priority").pk]}
    ticket.refresh_from_db()
    assert (ticket.status, ticket.priority) == ("pending", 4)
    for name, fields in (
        ("status", {"status": "gone"}),
        ("priority", {"priority": 9}),
        ("priority", {"priority": "x"}),
    ):
        assert post(name, **fields).status_code == 422


def test_closing_asks_first_when_there_is_no_reply(post: Post, ticket: Ticket) -> None:
    refused = post("close", tags="refund", ask="1")
    assert refused.status_code == 409 and refused.json()["unanswered"] is True
    assert Ticket.objects.get().status == "open" and not ticket.tags.exists()
    post("note", text="I looked into it.")
    assert post("close", tags="", ask="1").status_code == 409  # a note is no answer
    post("reply", text="Here you are.", submission=uuid.uuid4(), then="open")
    assert post("close", tags="", ask="1").status_code == 200


def test_closing_anyway(post: Post, ticket: Ticket) -> None:
    assert post("close", tags="").status_code == 200
    assert Ticket.objects.get().status == "closed"


def test_reading_changes_nothing(client: Client, mira: User, ticket: Ticket) -> None:
    client.force_login(mira)
    for name in ("reply", "note", "assign", "close", "tags", "status", "priority", "undo_transfer"):
        assert client.get(reverse(f"tickets:{name}", args=[ticket.pk])).status_code == 405
    assert client.get(reverse("tickets:undo_send", args=[1])).status_code == 405


def test_forms_from_other_sites_are_refused(mira: User, ticket: Ticket) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mira)
    answer = strict.post(reverse("tickets:note", args=[ticket.pk]), {"text": "x"})
    assert answer.status_code == 403 and b"Please try again" in answer.content
