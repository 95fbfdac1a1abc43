"""The queue's views, order, pages and search."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import cast
from tickets import queue
from tickets.models import Tag, Ticket, User
from tickets.search import index_ticket


def ids(page: queue.Page) -> list[int]:
    return [ticket.pk for ticket in page.tickets]


def test_each_view_holds_its_tickets(mira: User, jonas: User) -> None:
    mine = cast.new_ticket(assignee=mira, subject="mine")
    urgent = cast.new_ticket(assignee=jonas, priority=Ticket.Priority.URGENT)
    free = cast.new_ticket(preparation=Ticket.Preparation.READY)
    by_hand = cast.new_ticket(assignee=jonas, preparation=Ticket.Preparation.BY_RULE)
    pending = cast.new_ticket(assignee=mira, status="pending", preparation=Ticket.Preparation.BY_RULE)
    closed = cast.new_ticket(status="closed", closed_at=timezone.now())
    transferred = cast.new_ticket(team=cast.team("Support"))
    escalated = cast.new_ticket(team=cast.team("Billing"), handoff_due_at=timezone.now())
    answered = cast.new_ticket(status="pending", handoff_due_at=timezone.now())
    expected = {
        "mine": {mine},
        "team": {transferred},
        "open": {mine, urgent, free, by_hand, transferred, escalated},
        "urgent": {urgent},
        "drafted": {free},
        "by_hand": {by_hand},
        "escalated": {escalated},
        "unassigned": {free, transferred, escalated},
        "pending": {pending, answered},
        "closed": {closed},
        "all": {mine, urgent, free, by_hand, transferred, pending, closed, escalated, answered},
    }
    for key, tickets in expected.items():
        found = queue.page(Ticket.objects.all(), mira, queue.VIEWS[key])
        assert set(found.tickets) == tickets, key
    assert queue.counts(mira) == {key: len(expected[key]) for key in expected if key not in {"closed", "all"}}


def test_counts_are_one_query(mira: User, ticket: Ticket, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        queue.counts(mira)


def test_most_urgent_then_longest_waiting_first(mira: User) -> None:
    now = timezone.now()
    late = cast.new_ticket(waiting_since=now - timedelta(hours=1))
    early = cast.new_ticket(waiting_since=now - timedelta(hours=5))
    urgent = cast.new_ticket(priority=Ticket.Priority.URGENT, waiting_since=now)
    assert ids(queue.page(Ticket.objects.all(), mira, queue.VIEWS["open"])) == [urgent.pk, early.pk, late.pk]


@pytest.mark.parametrize("view", ["open", "all"])
def test_pages_follow_each_other_without_gap_or_repeat(mira: User, view: str) -> None:
    now = timezone.now()
    for number in range(23):
        # Same priority and same time: only the id differs.
        cast.new_ticket(priority=1 + number % 4, waiting_since=now - timedelta(minutes=number // 6))
    whole = ids(queue.page(Ticket.objects.all(), mira, queue.VIEWS[view], size=100))
    seen: list[int] = []
    after = ""
    while True:
        page = queue.page(Ticket.objects.all(), mira, queue.VIEWS[view], after=after, size=5)
        seen += ids(page)
        after = page.after
        if not after:
            break
    assert seen == whole and len(seen) == 23


def test_a_row_that_arrives_meanwhile_moves_no_page(mira: User) -> None:
    for _ in range(6):
        cast.new_ticket()
    first = queue.page(Ticket.objects.all(), mira, queue.VIEWS["open"], size=3)
    cast.new_ticket(priority=Ticket.Priority.URGENT)
    second = queue.page(Ticket.objects.all(), mira, queue.VIEWS["open"], after=first.after, size=3)
    assert not set(ids(first)) & set(ids(second)) and len(ids(second)) == 3


@pytest.mark.parametrize("after", ["x", "1~2~3", "1~2026-01-01T00:00:00~1", "~~", "9" * 50])
def test_a_broken_cursor_starts_at_the_top(mira: User, ticket: Ticket, after: str) -> None:
    assert ids(queue.page(Ticket.objects.all(), mira, queue.VIEWS["open"], after=after)) == [ticket.pk]


def test_search_looks_everywhere_best_first(mira: User) -> None:
    closed = cast.new_ticket(subject="Webhook signature", status="closed", closed_at=timezone.now())
    other = cast.new_ticket(subject="Else", text="it says webhook somewhere in the text")
    cast.new_ticket(subject="Nothing of the kind")
    for each in Ticket.objects.all():
        index_ticket(each)
    view = queue.chosen_view("", "webhook", queue.counts(mira))
    found = queue.page(Ticket.objects.all(), mira, view, query="webhook")
    assert ids(found) == [closed.pk, other.pk]


def test_own_work_comes_first_else_what_is_open(mira: User, ticket: Ticket) -> None:
    assert queue.chosen_view("", "", queue.counts(mira)).key == "open"
    cast.new_ticket(assignee=mira)
    assert queue.chosen_view("", "", queue.counts(mira)).key == "mine"
    assert queue.chosen_view("nonsense", "", queue.counts(mira)).key == "mine"


def test_the_number_of_queries_does_not_grow(
    client: Client, mira: User, jonas: User, django_assert_max_num_queries: Any
) -> None:
    tag = Tag.objects.create(name="refund")
    for number in range(30):
        customer, category = (cast.lena(), "billing") if number % 2 else (cast.tomas(), "technical")
        each = cast.new_ticket(customer, assignee=jonas, team=cast.team(), category_id=category)
        each.tags.add(tag)
    client.force_login(mira)
    # session, user, counts, rows, tags
    with django_assert_max_num_queries(5):
        client.get(reverse("tickets:queue"), {"view": "open"})


def test_rows_show_the_state_of_the_draft(client: Client, mira: User) -> None:
    cast.new_ticket(preparation="ready", language="de", category_id="product_question", assignee=mira)
    cast.new_ticket(preparation="no_source", priority=4, assignee=mira)
    cast.new_ticket(preparation="working")
    cast.new_ticket(preparation="delayed")
    cast.new_ticket(preparation="by_rule")
    client.force_login(mira)
    page = client.get(reverse("tickets:queue"), {"view": "open"}).content.decode()
    for chip in (
        "draft ready",
        "no source",
        "being written",
        "draft delayed",
        '<span class="chip chip-warn" title="No draft by rule">by hand</span>',
        ">de<",
        ">Product question<",
        ">urgent<",
        ">ML<",
    ):
        assert chip in page, chip


def test_more_rows_are_fetched_until_the_end(client: Client, mira: User) -> None:
    for _ in range(queue.PAGE + 2):
        cast.new_ticket()
    client.force_login(mira)
    first = client.get(reverse("tickets:queue"), {"view": "open"})
    assert first.content.count(b'class="row ') == queue.PAGE
    after = first.context["page"].after
    second = client.get(reverse("tickets:queue"), {"view": "open", "after": after})
    assert second.content.count(b'class="row ') == 2 and b"views" not in second.content
    again = client.get(reverse("tickets:queue"), {"view": "open", "rows": "52"})
    assert again.content.count(b'class="row ') == queue.PAGE + 2


@pytest.mark.parametrize("rows", ["-1", "x", "99999999999", ""])
def test_a_strange_number_of_rows_is_no_error(client: Client, mira: User, ticket: Ticket, rows: str) -> None:
    client.force_login(mira)
    assert client.get(reverse("tickets:queue"), {"rows": rows}).status_code == 200


def test_an_empty_view_says_so(client: Client, mira: User) -> None:
    client.force_login(mira)
    assert "No urgent tickets." in client.get(reverse("tickets:queue"), {"view": "urgent"}).content.decode()
    found = client.get(reverse("tickets:queue"), {"q": "zebra"}).content.decode()
    assert "No ticket contains all of these words." in found
