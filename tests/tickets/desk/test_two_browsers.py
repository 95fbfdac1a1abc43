"""Two members act on one ticket at the same moment: one succeeds, the other gets a correct message.

Each page may be out of date; decisions are made on the row in the database. test_locks.py shows on PostgreSQL that
the second really waits for the first.
"""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests import cast
from tests.tickets.undoing import post_undo, undo_events
from tickets import assignment, lifecycle, outbox, uploads
from tickets.mail import message_creation
from tickets.mail.mime.addresses import Address
from tickets.models import Attachment, Message, OutgoingMail, Ticket, TicketEvent, User

pytestmark = pytest.mark.django_db
Post = Callable[..., HttpResponse]


def browser(user: User, ticket: Ticket) -> Post:
    client = Client()
    client.force_login(user)

    def post(name: str, **fields: Any) -> HttpResponse:
        return client.post(reverse(f"tickets:{name}", args=[ticket.pk]), fields)

    return post


@pytest.fixture
def mira_posts(mira: User, ticket: Ticket) -> Post:
    return browser(mira, ticket)


@pytest.fixture
def jonas_posts(jonas: User, ticket: Ticket) -> Post:
    return browser(jonas, ticket)


def lines(ticket: Ticket, kind: TicketEvent.Kind) -> int:
    return ticket.events.filter(kind=kind).count()


class TestAssigning:
    def test_the_second_of_two_assignments_is_refused_and_names_the_assignee(
        self, mira_posts: Post, jonas_posts: Post, ticket: Ticket, mira: User, jonas: User
    ) -> None:
        assert mira_posts("assign", assignee=mira.pk, was="").status_code == 200
        late = jonas_posts("assign", assignee=jonas.pk, was="")
        assert (late.status_code, late.json()["error"]) == (409, "This ticket is assigned to Mira Lindqvist now.")
        assert Ticket.objects.get().assignee == mira
        assert jonas_posts("assign", assignee=jonas.pk, was=mira.pk).json()["changed"] is True

    def test_assigning_to_the_same_member_changes_nothing(
        self, mira_posts: Post, jonas_posts: Post, ticket: Ticket, mira: User
    ) -> None:
        mira_posts("assign", assignee=mira.pk, was="")
        assert jonas_posts("assign", assignee=mira.pk, was="").json()["changed"] is False
        assert lines(ticket, TicketEvent.Kind.ASSIGNED) == 1

    def test_a_ticket_without_assignee(self, mira_posts: Post, jonas_posts: Post, mira: User, jonas: User) -> None:
        mira_posts("assign", assignee=mira.pk)
        mira_posts("assign", assignee="", was=mira.pk)
        assert (
            jonas_posts("assign", assignee=jonas.pk, was=mira.pk).json()["error"]
            == "This ticket is no longer assigned to anybody."
        )


class TestTransfers:
    def test_the_second_of_two_transfers_is_refused_first_and_may_be_repeated(
        self, mira_posts: Post, jonas_posts: Post, ticket: Ticket, jonas: User
    ) -> None:
        billing, security = cast.team("Billing"), cast.team("Security")
        client = Client()
        client.force_login(jonas)
        form = client.get(reverse("tickets:transfer", args=[ticket.pk])).content.decode()
        assert 'name="seen" value="0"' in form
        assert mira_posts("transfer", team=billing.pk, note="Two charges.", seen="0").status_code == 200
        late = jonas_posts("transfer", team=security.pk, note="Somebody else's login.", seen="0")
        assert late.status_code == 409 and late.json()["error"].startswith("Mira Lindqvist changed this ticket")
        assert Ticket.objects.get().team == billing and ticket.messages.filter(kind=Message.Kind.NOTE).count() == 1
        again = jonas_posts("transfer", team=security.pk, note="Somebody else's login.", seen=late.json()["seen"])
        assert again.status_code == 200 and Ticket.objects.get().team == security

    def test_a_form_sent_twice_transfers_once(self, mira_posts: Post, ticket: Ticket) -> None:
        fields = {"team": cast.team("Billing").pk, "note": "Two charges.", "seen": "0"}
        assert [mira_posts("transfer", **fields).status_code for _ in range(2)] == [200, 409]
        assert lines(ticket, TicketEvent.Kind.TRANSFERRED) == 1

    def test_a_change_without_an_actor_names_nobody(self, jonas_posts: Post, ticket: Ticket) -> None:
        lifecycle.set_status(ticket, "pending", why="reply came back")
        late = jonas_posts("transfer", team=cast.team("Billing").pk, note="yours", seen="0")
        assert late.json()["error"].startswith("This ticket changed a moment ago.")

    def test_an_undo_of_an_earlier_version_is_refused_with_a_message(self, mira_posts: Post, ticket: Ticket) -> None:
        held = {"ticket_id": ticket.pk, "to_id": 1, "waiting_since": ticket.waiting_since.isoformat()}
        late = mira_posts("undo_transfer", undo=signing.dumps(held, salt="hand over"))
        assert late.status_code == 409 and "no longer be undone" in late.json()["error"]

    def test_it_cannot_be_undone_once_the_team_has_begun(
        self, mira_posts: Post, jonas_posts: Post, ticket: Ticket
    ) -> None:
        undo = mira_posts("transfer", team=cast.team("Billing").pk, note="yours", seen="0").json()["undo"]
        jonas_posts("status", status="pending")
        late = mira_posts("undo_transfer", undo=undo)
        assert (late.status_code, late.json()["error"]) == (409, "Somebody has changed this ticket since.")
        assert Ticket.objects.get().status == "pending"


class TestClosing:
    def test_the_second_sees_that_it_is_closed(self, mira_posts: Post, jonas_posts: Post, ticket: Ticket) -> None:
        assert mira_posts("close", tags="refund").status_code == 200
        late = jonas_posts("close", tags="refund")
        assert (late.status_code, late.json()["error"]) == (409, "This ticket is already closed.")
        assert lines(ticket, TicketEvent.Kind.STATUS) == 1

    def test_tags_of_the_second_are_added_and_removed_by_undo(
        self, mira_posts: Post, jonas_posts: Post, jonas: User, ticket: Ticket
    ) -> None:
        mira_posts("close", tags="refund")
        events = jonas_posts("close", tags="refund, march").json()["events"]
        assert set(ticket.tags.values_list("name", flat=True)) == {"refund", "march"}
        post_undo(jonas, events)
        assert set(ticket.tags.values_list("name", flat=True)) == {"refund"}
        assert Ticket.objects.get().status == "closed"

    def test_an_undo_does_not_open_what_a_colleague_has_closed_since(
        self, mira_posts: Post, jonas_posts: Post, mira: User, ticket: Ticket
    ) -> None:
        events = mira_posts("close", tags="").json()["events"]
        mira_posts("status", status="open")
        jonas_posts("close", tags="")
        late = post_undo(mira, events)
        assert late.json()["undone"] == []
        assert late.json()["left"] == [{"ticket": ticket.pk, "why": "Somebody has changed this ticket since."}]
        assert Ticket.objects.get().status == "closed"

    def test_it_is_refused_if_a_message_came_while_the_dialog_was_open(self, mira: User, ticket: Ticket) -> None:
        """The page is out of date: whether the customer waits is decided under the lock."""
        outbox.write_reply(ticket, mira, "Refunded.", submission=uuid.uuid4())
        page = Ticket.objects.get()
        message_creation.add(answer(), Ticket.objects.get(), Ticket.Channel.EMAIL)
        with pytest.raises(lifecycle.Unanswered):
            lifecycle.close(page, mira, ["refund"], ask=True)
        assert Ticket.objects.get().status == "open" and not ticket.tags.exists()

    def test_undo_restores_the_status_of_the_row_not_of_the_page(self, mira: User, jonas: User, ticket: Ticket) -> None:
        page = Ticket.objects.get()
        lifecycle.set_status(ticket, "pending", jonas)
        closing = lifecycle.close(page, mira, [])
        assert undo_events(closing, mira).undone == [page.pk]
        assert Ticket.objects.get().status == "pending"


def answer() -> message_creation.NewMessage:
    return message_creation.from_text(Address("Tomas", "tomas@okafor.example"), "Re", "It came again this morning.")


class TestACustomerWrites:
    def test_while_an_agent_closes(self, mira: User, ticket: Ticket) -> None:
        """The mail was read, and its ticket found open, before the agent closed it: it is open again."""
        found = Ticket.objects.get()
        lifecycle.close(ticket, mira, [])
        message_creation.add(answer(), found, Ticket.Channel.EMAIL)
        now = Ticket.objects.get()
        assert (now.status, now.closed_at) == ("open", None)

    def test_while_an_agent_replies(self, mira: User, ticket: Ticket) -> None:
        """The same with a reply: the customer waits again from now on."""
        found = Ticket.objects.get()
        outbox.write_reply(ticket, mira, "Refunded.", submission=uuid.uuid4())
        message_creation.add(answer(), found, Ticket.Channel.EMAIL)
        assert Ticket.objects.get().status == "open"

    def test_what_a_colleague_did_to_the_ticket_stays(self, jonas: User, ticket: Ticket) -> None:
        found = Ticket.objects.get()
        assignment.assign(ticket, jonas)
        lifecycle.set_priority(ticket, 4)
        message_creation.add(answer(), found, Ticket.Channel.EMAIL)
        now = Ticket.objects.get()
        assert (now.assignee, now.priority) == (jonas, 4)

    def test_undoing_a_transfer_does_not_make_a_ticket_pending_again(self, mira_posts: Post, ticket: Ticket) -> None:
        Ticket.objects.filter(pk=ticket.pk).update(status="pending")
        undo = mira_posts("transfer", team=cast.team("Billing").pk, note="yours", seen="0").json()["undo"]
        message_creation.add(answer(), Ticket.objects.get(), Ticket.Channel.EMAIL)
        assert mira_posts("undo_transfer", undo=undo).status_code == 409
        assert Ticket.objects.get().status == "open"

    @pytest.mark.parametrize(("before", "waits"), [("pending", "since the customer wrote"), ("open", "as before")])
    def test_an_undone_reply_leaves_the_ticket_open(
        self, mira: User, ticket: Ticket, settings: Any, before: str, waits: str
    ) -> None:
        settings.UNDO_SEND_SECONDS = 60
        Ticket.objects.filter(pk=ticket.pk).update(status=before)
        since = Ticket.objects.get().waiting_since
        sent = outbox.write_reply(Ticket.objects.get(), mira, "Too early", submission=uuid.uuid4())
        message_creation.add(answer(), Ticket.objects.get(), Ticket.Channel.EMAIL)
        assert outbox.undo(sent.pk, mira)
        now = Ticket.objects.get()
        assert now.status == "open" and (now.waiting_since == since) == (waits == "as before")


class TestReplying:
    def test_the_same_reply_sent_twice_at_once_is_no_newer_message(
        self, mira: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Sent twice at once: the second looked for the first before it was written, and then waited for it."""
        seen, submission = ticket.messages.get().pk, uuid.uuid4()
        first = outbox.write_reply(ticket, mira, "Refunded.", submission=submission, seen=seen)
        looks = iter([None])
        real = outbox.submitted
        monkeypatch.setattr(outbox, "submitted", lambda wanted: next(looks, real(wanted)))
        assert outbox.write_reply(ticket, mira, "Refunded.", submission=submission, seen=seen) == first

    def test_the_first_response_is_the_first(self, mira: User, jonas: User, ticket: Ticket) -> None:
        page = Ticket.objects.get()
        first = outbox.write_reply(ticket, mira, "Refunded.", submission=uuid.uuid4())
        outbox.write_reply(page, jonas, "Refunded, as Mira says.", submission=uuid.uuid4())
        assert Ticket.objects.get().first_response_at == first.created_at

    def test_two_who_undo_it(self, mira_posts: Post, jonas: User, ticket: Ticket, settings: Any) -> None:
        settings.UNDO_SEND_SECONDS = 60
        sent = mira_posts("reply", text="Too early", submission=uuid.uuid4()).json()["message"]
        other = Client()
        other.force_login(jonas)
        address = reverse("tickets:undo_send", args=[sent])
        assert other.post(address).status_code == 200
        assert other.post(address).json()["error"] == "This reply was undone already."
        assert OutgoingMail.objects.get().state == "undone" and lines(ticket, TicketEvent.Kind.SEND_UNDONE) == 1

    def test_files_of_a_reply_that_could_not_be_written_wait_in_the_composer(
        self, mira: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*args: Any) -> None:
            raise OSError("the disk is full")

        monkeypatch.setattr(outbox.search, "index_ticket", full)
        file = SimpleUploadedFile("steps.txt", b"one two", "text/plain")
        upload = uploads.receive(ticket, mira, file, for_note=False)
        with pytest.raises(OSError, match="full"):
            outbox.write_reply(ticket, mira, "See the file.", submission=uuid.uuid4(), files=[upload.pk])
        assert uploads.of(ticket, mira).get().file.read() == b"one two"
        assert not Attachment.objects.exists()
        assert not OutgoingMail.objects.exists() and Ticket.objects.get().first_response_at is None


class TestPriority:
    def test_the_event_says_what_it_was(self, mira: User, jonas: User, ticket: Ticket) -> None:
        page = Ticket.objects.get()
        assert lifecycle.set_priority(ticket, 4, jonas)
        assert not lifecycle.set_priority(page, 4, mira)
        assert lifecycle.set_priority(page, 1, mira)
        told = [event.data for event in ticket.events.filter(kind=TicketEvent.Kind.PRIORITY).order_by("pk")]
        assert told == [{"was": 2, "now": 4}, {"was": 4, "now": 1}]
