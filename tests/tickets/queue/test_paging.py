"""The queue's views, orders, pages and search."""

from datetime import timedelta
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import cast
from tickets.models import SavedView, Tag, Ticket, User
from tickets.queue import counting, filters, paging, views
from tickets.queue.fields import Asked
from tickets.queue.orders import ORDERS
from tickets.search import index_ticket


def page(user: User, address: str = "", *, after: str = "", size: int = 50) -> paging.Page:
    what = paging.wanted(QueryDict(address), views.of(user), has_own=False)
    return paging.page(Ticket.objects.all(), what, Asked(user, timezone.now()), after=after, size=size)


def ids(found: paging.Page) -> list[int]:
    return [ticket.pk for ticket in found.tickets]


def counts(user: User) -> dict[str, int]:
    counted = {view.key: view.filters for view in views.of(user).values() if view.counted}
    return counting.counts(Ticket.objects.all(), counted, Asked(user, timezone.now()))


def test_each_view_holds_its_tickets(mira: User, jonas: User) -> None:
    mine = cast.new_ticket(assignee=mira, subject="mine")
    urgent = cast.new_ticket(assignee=jonas, priority=Ticket.Priority.URGENT)
    free = cast.new_ticket(preparation=Ticket.Preparation.READY)
    by_hand = cast.new_ticket(assignee=jonas, preparation=Ticket.Preparation.BY_RULE)
    pending = cast.new_ticket(assignee=mira, status="pending", preparation=Ticket.Preparation.BY_RULE)
    snoozed = cast.new_ticket(assignee=mira, status="snoozed", priority=Ticket.Priority.URGENT)
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
        "snoozed": {snoozed},
        "closed": {closed},
        "all": {snoozed, mine, urgent, free, by_hand, transferred, pending, closed, escalated, answered},
    }
    for key, tickets in expected.items():
        assert set(page(mira, f"view={key}").tickets) == tickets, key
    team = mira.teams.get()
    expected[f"team-{team.pk}"] = {transferred}
    assert counts(mira) == {key: len(expected[key]) for key in expected if key not in {"closed", "all"}}


def test_counts_are_one_query(mira: User, ticket: Ticket, django_assert_num_queries: Any) -> None:
    asked = Asked(mira, timezone.now())
    with django_assert_num_queries(1):
        counting.counts(Ticket.objects.all(), {key: view.filters for key, view in views.DESK.items()}, asked)


def test_a_count_goes_no_further_than_it_is_shown(mira: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST", 3)
    for number in range(5):
        cast.new_ticket(assignee=mira if number < 2 else None)
    found = counts(mira)
    assert (counting.shown(found["open"]), counting.shown(found["mine"])) == ("2+", "2")


def test_most_urgent_then_longest_waiting_first(mira: User) -> None:
    now = timezone.now()
    late = cast.new_ticket(waiting_since=now - timedelta(hours=1))
    early = cast.new_ticket(waiting_since=now - timedelta(hours=5))
    urgent = cast.new_ticket(priority=Ticket.Priority.URGENT, waiting_since=now)
    assert ids(page(mira, "view=open")) == [urgent.pk, early.pk, late.pk]
    assert ids(page(mira, "view=open&sort=waiting")) == [early.pk, late.pk, urgent.pk]
    assert ids(page(mira, "view=open&sort=newest")) == [urgent.pk, early.pk, late.pk]
    assert ids(page(mira, "view=open&sort=oldest")) == [late.pk, early.pk, urgent.pk]
    late.save()  # changed last
    assert ids(page(mira, "view=open&sort=changed")) == [late.pk, urgent.pk, early.pk]
    assert ids(page(mira, "view=open&sort=nonsense")) == [urgent.pk, early.pk, late.pk]


@pytest.mark.parametrize("which", ["view=open", "view=all", "view=open&status=open,pending", "view=all&status!=closed"])
@pytest.mark.parametrize("order", ORDERS)
def test_pages_follow_each_other_without_gap_or_repeat(mira: User, order: str, which: str) -> None:
    """Also where each status is asked for by itself."""
    now = timezone.now()
    for number in range(23):
        # Same priority and same time: only the id differs.
        status = "pending" if number % 3 == 0 and which != "view=open" else "open"
        waiting = now - timedelta(minutes=number // 6)
        cast.new_ticket(priority=1 + number % 4, waiting_since=waiting, status=status)
    address = f"{which}&sort={order}"
    whole = ids(page(mira, address, size=100))
    seen: list[int] = []
    after = ""
    while True:
        found = page(mira, address, after=after, size=5)
        seen += ids(found)
        after = found.after
        if not after:
            break
    assert seen == whole and len(seen) == 23
    rows = Ticket.objects.order_by(*ORDERS[order].columns)
    assert seen == list(rows.values_list("pk", flat=True))


def test_a_filter_that_no_status_passes_finds_nothing(mira: User, ticket: Ticket) -> None:
    assert ids(page(mira, "view=all&status=open&status!=open")) == []


def test_a_row_that_arrives_meanwhile_moves_no_page(mira: User) -> None:
    for _ in range(6):
        cast.new_ticket()
    first = page(mira, "view=open", size=3)
    cast.new_ticket(priority=Ticket.Priority.URGENT)
    second = page(mira, "view=open", after=first.after, size=3)
    assert not set(ids(first)) & set(ids(second)) and len(ids(second)) == 3


@pytest.mark.parametrize("after", ["x", "1~2~3", "1~2026-01-01T00:00:00~1", "~~", "9" * 50, "2026-01-01T00:00:00~1"])
def test_a_broken_cursor_starts_at_the_top(mira: User, ticket: Ticket, after: str) -> None:
    for order in ORDERS:
        what = paging.wanted(QueryDict(f"view=open&sort={order}"), views.of(mira), has_own=False)
        for cursor in (after, f"{order}~{after}", f"{what.fingerprint}.{order}~{after}"):
            found = page(mira, f"view=open&sort={order}", after=cursor)
            assert found.tickets == [ticket]
            assert found.stale or order in {"newest", "oldest"}  # of which a number is a cursor


def test_a_cursor_of_another_order_starts_at_the_top(mira: User) -> None:
    for _ in range(4):
        cast.new_ticket()
    after = page(mira, "view=open&sort=newest", size=2).after
    found = page(mira, "view=open&sort=oldest", after=after, size=2)
    assert found.stale and ids(found) == ids(page(mira, "view=open&sort=oldest", size=2))


def test_a_cursor_of_other_filters_starts_at_the_top(mira: User) -> None:
    """A colleague has changed the shared view meanwhile: its new rows must not follow the old ones."""
    for _ in range(3):
        cast.new_ticket()
    closed = cast.new_ticket(status="closed", closed_at=timezone.now())
    view = SavedView.objects.create(name="Ours", owner=mira, filters={"status": ["open"]}, order="work")
    after = page(mira, f"view=saved-{view.pk}", size=2).after
    SavedView.objects.update(filters={"status": ["closed"]})
    found = page(mira, f"view=saved-{view.pk}", after=after, size=2)
    assert found.stale and found.tickets == [closed]


def test_more_of_a_list_that_has_become_another_shows_it_anew(client: Client, mira: User) -> None:
    """The view was removed or its order changed in another window: its rows are not added to what is shown."""
    cast.new_ticket()
    client.force_login(mira)
    for query in ({"view": "saved-9", "after": "work~4~2026-01-01T00:00:00+00:00~1"}, {"view": "open", "after": "x"}):
        answer = client.get(reverse("tickets:queue"), query)
        assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#queue", "innerHTML")
        assert b'id="views"' in answer.content


def test_search_looks_everywhere_best_first(mira: User) -> None:
    closed = cast.new_ticket(subject="Webhook signature", status="closed", closed_at=timezone.now())
    other = cast.new_ticket(subject="Else", text="it says webhook somewhere in the text")
    cast.new_ticket(subject="Nothing of the kind")
    for each in Ticket.objects.all():
        index_ticket(each)
    assert ids(page(mira, "q=webhook")) == [closed.pk, other.pk]
    assert ids(page(mira, "q=webhook&status=open")) == [other.pk]


def test_a_search_with_filters_finds_what_passes_them_however_many_hits_are_better(
    mira: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "BEST", 3)
    for _ in range(6):
        index_ticket(cast.new_ticket(subject="Webhook webhook", text="webhook"))
    urgent = [cast.new_ticket(subject="Else", text="webhook once", priority=4) for _ in range(2)]
    for each in urgent:
        index_ticket(each)
    found = page(mira, "q=webhook&priority=4")
    assert set(found.tickets) == set(urgent) and found.whole
    assert not page(mira, "q=webhook").whole  # "the best 3"


def test_own_work_comes_first_else_what_is_open(client: Client, mira: User, ticket: Ticket) -> None:
    client.force_login(mira)

    def shown(**query: str) -> str:
        return str(client.get(reverse("tickets:queue"), query).context["what"].view.key)

    assert shown() == "open"
    cast.new_ticket(assignee=mira)
    assert (shown(), shown(view="nonsense"), shown(q="printer"), shown(priority="4")) == ("mine", "mine", "all", "all")


def test_the_number_of_queries_does_not_grow(
    client: Client, mira: User, jonas: User, django_assert_max_num_queries: Any
) -> None:
    tag = Tag.objects.create(name="refund")
    for number in range(30):
        customer, category = (cast.lena(), "billing") if number % 2 else (cast.tomas(), "technical")
        each = cast.new_ticket(customer, assignee=jonas, team=cast.team(), category_id=category)
        each.tags.add(tag)
    client.force_login(mira)
    # session, user, the member's teams, saved views, counts, rows, tags
    with django_assert_max_num_queries(7):
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
    for _ in range(paging.PAGE + 2):
        cast.new_ticket()
    client.force_login(mira)
    first = client.get(reverse("tickets:queue"), {"view": "open"})
    assert first.content.count(b'class="row ') == paging.PAGE
    after = first.context["page"].after
    second = client.get(reverse("tickets:queue"), {"view": "open", "after": after})
    assert second.content.count(b'class="row ') == 2 and b"views" not in second.content
    again = client.get(reverse("tickets:queue"), {"view": "open", "rows": "52"})
    assert again.content.count(b'class="row ') == paging.PAGE + 2


@pytest.mark.parametrize("rows", ["-1", "x", "99999999999", ""])
def test_a_strange_number_of_rows_is_no_error(client: Client, mira: User, ticket: Ticket, rows: str) -> None:
    client.force_login(mira)
    assert client.get(reverse("tickets:queue"), {"rows": rows}).status_code == 200


@pytest.mark.parametrize("order", ["changed", "work"])
def test_a_ticket_that_changes_while_the_page_is_read_moves_no_end(
    mira: User, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    """Each status is asked for by itself, and then the rows are read."""
    for number in range(6):
        cast.new_ticket(status="pending" if number % 2 else "open", priority=3)
    address = f"view=all&status!=closed&sort={order}"
    expected = ids(page(mira, address))
    read = paging._by_id

    def late(pks: list[int]) -> list[Ticket]:
        last = Ticket.objects.get(pk=pks[-1])
        last.priority = 4
        last.save()
        return read(pks)

    monkeypatch.setattr(paging, "_by_id", late)
    first = page(mira, address, size=3)
    monkeypatch.undo()
    assert ids(first) + ids(page(mira, address, after=first.after)) == expected


def test_a_ticket_that_is_deleted_while_the_page_is_read_ends_nothing(
    mira: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [cast.new_ticket(status="pending" if number % 2 else "open") for number in range(5)]
    read = paging._by_id

    def late(pks: list[int]) -> list[Ticket]:
        Ticket.objects.filter(pk=pks[0]).delete()
        return read(pks)

    monkeypatch.setattr(paging, "_by_id", late)
    first = page(mira, "view=all&status!=closed&sort=oldest", size=2)
    monkeypatch.undo()
    assert ids(first) == [made[1].pk]
    assert ids(page(mira, "view=all&status!=closed&sort=oldest", after=first.after)) == [each.pk for each in made[2:]]


def test_an_empty_view_says_so(client: Client, mira: User) -> None:
    client.force_login(mira)
    assert "No urgent tickets." in client.get(reverse("tickets:queue"), {"view": "urgent"}).content.decode()
    found = client.get(reverse("tickets:queue"), {"q": "zebra"}).content.decode()
    assert "No ticket contains all of these words." in found


def test_a_search_names_every_filter_that_limits_it(client: Client, mira: User) -> None:
    """Also those that are the view's own: a search looks everywhere otherwise."""
    client.force_login(mira)
    shown = client.get(reverse("tickets:queue"), {"view": "open", "status": "open", "q": "zebra"})
    assert shown.context["address"] == "view=open&q=zebra"
    assert shown.context["conditions"] == [("Status: Open", "view=open&q=zebra&any=1")]
    assert "Remove the filter Status: Open" in shown.content.decode()


@pytest.mark.parametrize(
    ("address", "marked", "label"),
    [
        ("view=open", True, "Open"),
        ("view=open&status=open&priority=4", True, "Open, filtered"),
        ("view=open&priority=4", False, "All, filtered"),  # closed tickets too
        ("view=open&status=open,closed", False, "All, filtered"),
        ("view=open&status=open&q=zebra", False, "Search"),
        ("view=open&any=1", False, "All"),
        ("view=open&sort=newest", True, "Open"),
        ("view=pending&status!=open,pending", False, "All, filtered"),
    ],
)
def test_a_view_is_marked_while_all_of_its_conditions_hold(
    client: Client, mira: User, address: str, marked: bool, label: str
) -> None:
    client.force_login(mira)
    shown = client.get(reverse("tickets:queue") + "?" + address)
    assert (bool(shown.context["current"]), shown.context["label"]) == (marked, label)


@pytest.mark.parametrize(("address", "within"), [("tag!=1,2,3", True), ("tag!=1", False), ("tag=3", False)])
def test_more_tags_left_out_are_still_the_view(address: str, within: bool) -> None:
    own = filters.from_address(QueryDict("tag!=1,2"))
    assert filters.from_address(QueryDict(address)).within(own) is within


def test_a_filtered_tab_is_underlined(client: Client, mira: User) -> None:
    client.force_login(mira)
    page = client.get(reverse("tickets:queue"), {"view": "open", "status": "open", "priority": "4"}).content.decode()
    assert 'data-view="open" aria-current="true" class="filtered"' in page
