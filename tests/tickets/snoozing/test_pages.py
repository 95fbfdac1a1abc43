"""Snoozing on the desk: the dialog's requests, the queue, and what pages say of a snoozed ticket."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from copilot.customers import earlier, facts
from tests import cast
from tests.tickets.queue.test_paging import counts, ids, page
from tests.tickets.undoing import post_undo
from tickets import lifecycle
from tickets.models import Ticket, User
from tickets.search import index_ticket

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-11-29T19:30:00+00:00")  # a Sunday; 20:30 in Berlin


@pytest.fixture(autouse=True)
def berlin(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def desk(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


def post(desk: Client, ticket: Ticket, until: str) -> Any:
    return desk.post(reverse("tickets:snooze", args=[ticket.pk]), {"until": until})


def text(desk: Client, name: str, *args: int, **query: str) -> str:
    return " ".join(desk.get(reverse(f"tickets:{name}", args=args), query).content.decode().split())


def test_the_dialog_gets_the_time_of_each_choice(desk: Client, ticket: Ticket) -> None:
    offered = desk.get(reverse("tickets:snooze", args=[ticket.pk])).json()
    assert {key: each["words"] for key, each in offered["times"].items()} == {
        "1h": "Sun 29 Nov 21:30",
        "4h": "Mon 30 Nov 00:30",
        "tomorrow": "Mon 30 Nov 09:00",
        "monday": "Mon 30 Nov 09:00",
        "week": "Sun 6 Dec 20:30",
    }
    assert offered["other"] == "2026-11-30T09:00"
    answer = post(desk, ticket, offered["times"]["week"]["at"])
    assert answer.json()["until"] == "Sun 6 Dec 20:30"


def test_a_choice_snoozes_and_is_undone(
    desk: Client, mira: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = post(desk, ticket, "tomorrow")
    assert answer.json()["until"] == "Mon 30 Nov 09:00"
    assert Ticket.objects.get().snoozed_until == datetime.fromisoformat("2026-11-30T08:00:00+00:00")
    monkeypatch.undo()  # events have the time that it is
    assert post_undo(mira, answer.json()["events"]).status_code == 200
    assert Ticket.objects.get().status == "open"


def test_until_the_customer_replies(desk: Client, ticket: Ticket) -> None:
    answer = post(desk, ticket, "reply").json()
    assert answer["until"] == "" and len(answer["events"]) == 1
    assert post(desk, ticket, "reply").json() == {"until": "", "events": []}  # it is so already


@pytest.mark.parametrize(
    ("until", "error"),
    [
        ("2026-11-29T20:30", "This time is in the past. Choose a later one."),
        ("2027-12-01T09:00", "A ticket can be snoozed for a year at most."),
        ("", "Type a date and a time."),
        ("soon", "Type a date and a time."),
        ("9" * 50, "Type a date and a time."),
    ],
)
def test_what_is_refused_says_why_and_changes_nothing(desk: Client, ticket: Ticket, until: str, error: str) -> None:
    answer = post(desk, ticket, until)
    assert (answer.status_code, answer.json()["error"]) == (422, error)
    assert Ticket.objects.get().status == "open"


def test_a_closed_or_waiting_escalation_is_refused(desk: Client, mira: User, ticket: Ticket) -> None:
    lifecycle.set_handoff(ticket.pk, NOW)
    answer = post(desk, ticket, "1h")
    assert answer.status_code == 409 and "nobody has taken it yet" in answer.json()["error"]
    lifecycle.close(ticket, mira, [])
    answer = post(desk, ticket, "1h")
    assert (answer.status_code, answer.json()["error"]) == (409, "This ticket is closed. Open it first.")


@pytest.mark.parametrize("name", ["status", "bulk"])
def test_no_status_without_a_time(desk: Client, ticket: Ticket, name: str) -> None:
    """Nor does a reply end in it."""
    fields = {"status": "snoozed", "action": "status", "tickets": ticket.pk}
    args = [ticket.pk] if name == "status" else []
    assert desk.post(reverse(f"tickets:{name}", args=args), fields).status_code == 422
    reply = {"text": "Hello", "submission": "0b4b3f4e-6a0e-4a3c-9b1e-0d3a6b0a7c11", "then": "snoozed"}
    assert desk.post(reverse("tickets:reply", args=[ticket.pk]), reply).status_code == 422
    assert Ticket.objects.get().status == "open"


def test_header_row_and_timeline_say_until_when(desk: Client, ticket: Ticket) -> None:
    assert "Wake now" not in text(desk, "header", ticket.pk)
    post(desk, ticket, "tomorrow")
    header = text(desk, "header", ticket.pk)
    assert "until Mon 30 Nov 09:00" in header and 'data-do="wake"' in header
    assert "until Mon 30 Nov 09:00" in text(desk, "queue", view="snoozed")
    assert "Snoozed until Mon 30 Nov 09:00" in text(desk, "timeline", ticket.pk)
    post(desk, ticket, "reply")
    for said in (text(desk, "header", ticket.pk), text(desk, "queue", view="snoozed")):
        assert "until a reply" in said and "9999" not in said
    assert '<option value="snoozed" selected disabled>Snoozed</option>' in text(desk, "context", ticket.pk)


def test_one_that_is_back_says_so_until_it_is_answered(desk: Client, mira: User, ticket: Ticket) -> None:
    lifecycle.snooze(ticket, mira, NOW)
    assert lifecycle.wake(ticket.pk, NOW)
    for said in (text(desk, "header", ticket.pk), text(desk, "queue", view="open")):
        assert "back from snooze" in said
    lifecycle.set_status(ticket, "pending", mira)
    for said in (text(desk, "header", ticket.pk), text(desk, "queue", view="pending")):
        assert "back from snooze" not in said


def test_the_view_shows_what_wakes_first_and_last_what_only_the_customer_wakes(mira: User) -> None:
    tickets = [cast.new_ticket() for _ in range(7)]
    order = [3, 0, 5, 6, 1]
    for hours, place in enumerate(order, start=1):
        lifecycle.snooze(tickets[place], mira, NOW + timedelta(hours=hours // 2))  # some at the same time
    for place in (4, 2):
        lifecycle.snooze(tickets[place], mira, None)
    rows = Ticket.objects.snoozed().order_by("wakes_at", "pk")
    assert [each.snoozed_until for each in rows][-2:] == [None, None]
    seen, after = [], ""
    while not seen or after:
        found = page(mira, "view=snoozed", after=after, size=2)
        seen, after = seen + ids(found), found.after
    assert seen == [each.pk for each in rows] and len(seen) == 7
    assert ids(page(mira, "view=all&sort=wakes")) == seen


def test_it_counts_nowhere_as_open_and_is_found_by_filter_and_search(mira: User) -> None:
    mira.teams.add(cast.team())
    ticket = cast.new_ticket(assignee=mira, team=cast.team(), priority=4, preparation="ready")
    index_ticket(ticket)
    before = {key for key, count in counts(mira).items() if count}
    assert {"mine", "open", "urgent", "drafted"} < before
    lifecycle.snooze(ticket, mira, None)
    assert {key for key, count in counts(mira).items() if count} == {"snoozed"}
    assert ids(page(mira, "view=all&status=snoozed")) == ids(page(mira, "q=charged")) == [ticket.pk]


def test_for_the_customers_other_tickets_it_is_one_that_is_not_closed(mira: User, ticket: Ticket) -> None:
    other = cast.new_ticket()
    lifecycle.snooze(other, mira, None)
    cast.new_ticket(status="closed", closed_at=NOW)
    assert [each.ticket for each in earlier.shown(ticket, mira)][0] == other
    found = facts.facts(ticket, mira, NOW)
    assert (found.ours, found.waiting, found.theirs) == (1, 0, 0)
