"""A reply that has not been sent a minute after it was written is shown as late, with the reason."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from config.background import lanes
from config.background.lanes import Lane
from config.running import doctor
from tickets import delivery, outbox, overdue
from tickets.mail.writing import MailError
from tickets.models import OutgoingMail, Ticket, User

pytestmark = pytest.mark.django_db
DEAD, IDLE = Lane("worker", 0, 1, 0, None), Lane("worker", 1, 0, 0, None)
BUSY = Lane("worker", 1, 5, 2, timedelta(seconds=90))


@pytest.fixture
def desk(client: Client, mira: User) -> Client:
    doctor._lanes = (float("-inf"), {})
    client.force_login(mira)
    return client


@pytest.fixture
def late(ticket: Ticket, mira: User) -> OutgoingMail:
    """Written two minutes ago."""
    row = outbox.write_reply(ticket, mira, "Open Settings, then Billing.", submission=None).outgoing
    row.message.created_at = timezone.now() - timedelta(minutes=2)
    row.message.save(update_fields=["created_at"])
    return row


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda lane: monkeypatch.setattr(lanes, "lane", lambda name: lane)


@pytest.mark.parametrize(
    ("lane", "fields", "why"),
    [
        (DEAD, {}, "no worker is running"),
        (BUSY, {}, "the worker is busy with 7 jobs"),
        (IDLE, {}, "it is about to be sent"),
        (IDLE, {"state": "sending"}, "the mail server has not answered yet"),
        (
            IDLE,
            {"error": "The mail server said 451: greylisted.", "wait": 120},
            "The mail server said 451: greylisted. Next attempt in 2 min",
        ),
        (DEAD, {"error": "The mail server said 451."}, "no worker is running"),
    ],
)
def test_the_reason(lane: Lane, fields: dict[str, Any], why: str) -> None:
    now = timezone.now()
    wait = timedelta(seconds=fields.pop("wait", 0))
    assert overdue.reason(OutgoingMail(send_after=now + wait, **({"state": "queued"} | fields)), lane, now) == why


def test_the_message_says_sending_then_sent(desk: Client, ticket: Ticket, mira: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tickets.mail.files.EmailBackend"
    row = outbox.write_reply(ticket, mira, "Open Settings.", submission=None).outgoing
    page = desk.get(f"/messages/{row.message_id}/delivery").content.decode()
    assert "Sending…" in page and "Undo" in page and 'hx-trigger="every 5s"' in page
    delivery.deliver(row.pk)
    page = desk.get(f"/messages/{row.message_id}/delivery").content.decode()
    assert "Sent" in page and "hx-trigger" not in page


def test_a_late_reply_is_shown_below_the_message_in_composer_mail_log_and_header(
    desk: Client, late: OutgoingMail, worker: Any
) -> None:
    worker(DEAD)
    addresses = {
        f"/messages/{late.message_id}/delivery": "Not sent yet: no worker is running.",
        f"/desk/{late.message.ticket_id}/conversation": "Not sent yet: no worker is running.",
        f"/desk/{late.message.ticket_id}/unsent": "has not been sent yet: no worker is running.",
        "/mail/?tab=out": "Late: no worker is running",
        "/desk/sending": "1 reply has not been sent yet: no worker is running",
    }
    for address, words in addresses.items():
        assert words in desk.get(address).content.decode(), address


@pytest.mark.parametrize("state", ["sent", "undone", "failed"])
def test_sent_undone_and_failed_replies_are_not_late(desk: Client, late: OutgoingMail, worker: Any, state: str) -> None:
    worker(IDLE)
    OutgoingMail.objects.update(state=state)
    assert desk.get(f"/desk/{late.message.ticket_id}/unsent").content.decode().strip() == ""
    assert desk.get("/desk/sending").content.decode().strip() == ""


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ({"worker": "dead", "drafter": "dead"}, "No worker is running. Replies are waiting."),
        ({"worker": "busy", "drafter": "dead"}, "No drafter is running. Drafts are written only on request."),
        ({"worker": "late"}, "The worker is busy. Replies may be late."),
        ({"worker": "busy", "slow": "late", "drafter": "late"}, ""),
        ({"worker": "empty", "slow": "empty", "drafter": "empty"}, ""),
    ],
)
def test_the_header_warns_of_a_lane_with_a_problem(
    desk: Client, monkeypatch: pytest.MonkeyPatch, states: dict[str, str], words: str
) -> None:
    monkeypatch.setattr(doctor, "lane_states", lambda: states)
    page = desk.get("/desk/sending").content.decode().strip()
    assert words in page if words else page == ""


def test_a_reply_that_the_server_refused_for_now_is_queued_for_its_next_try(
    late: OutgoingMail, monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[Any] = []

    def refuse(mail: object) -> None:
        raise MailError("The mail server said 451.", "temporary")

    monkeypatch.setattr(delivery, "transmit", refuse)
    monkeypatch.setattr(outbox, "queue", lambda job, number, lane, after: queued.append((number, after)))
    assert delivery.deliver(late.pk) == "queued"
    late.refresh_from_db()
    assert queued == [(late.pk, late.send_after)] and late.send_after > timezone.now()


@pytest.mark.parametrize("address", ["/messages/{message}/delivery", "/desk/{ticket}/unsent", "/desk/sending"])
def test_an_author_sees_none_of_it(client: Client, ken: User, late: OutgoingMail, address: str) -> None:
    client.force_login(ken)
    address = address.format(message=late.message_id, ticket=late.message.ticket_id)
    assert client.get(address).status_code in {403, 404}
