"""An index holds the rows of each list in each order, so that a page reads its rows and few others.

On SQLite, which decides by rules. How PostgreSQL reads them depends on how many rows there are: `manage.py bench_queue`
measures it with a million.
"""

from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config import statistics
from tests import cast
from tickets.models import SavedView, Ticket, User
from tickets.queue import counting, paging, views
from tickets.queue.fields import Asked
from tickets.queue.orders import ORDERS

pytestmark = pytest.mark.sqlite
# What people ask for most: the views that ship, and what Open becomes when a filter is taken away or added.
LISTS = [*(f"view={key}" for key in views.DESK), "view=open&any=1", "view=all&status!=closed", "view=open&priority=4"]
# An index knows which tickets pass, so these may be sorted for another order than that of work.
NARROWED = {"view=mine", "view=team", "view=urgent", "view=drafted", "view=by_hand", "view=escalated"}
NARROWED |= {"view=unassigned", "view=open&priority=4"}
# An index leads to few tickets also without the status: those of a member, and escalated ones.
OF_FEW = {"view=mine", "view=escalated"}


@pytest.fixture(params=["new desk", "large desk"])
def desk(request: pytest.FixtureRequest, mira: User) -> User:
    """With few tickets, of which the database knows nothing yet, and with many and statistics."""
    mira.teams.set([cast.team()])
    if request.param == "large desk":
        now, customer = timezone.now(), cast.tomas()
        Ticket.objects.bulk_create(
            Ticket(
                customer=customer,
                priority=number % 4 + 1,
                status=("open", "pending", "snoozed", *["closed"] * 17)[number % 20],
                closed_at=now if number % 20 > 2 else None,
                preparation=("", "ready", "by_rule")[number % 3],
            )
            for number in range(2000)
        )
        statistics.refresh()
    return mira


def asked(user: User) -> Asked:
    return Asked(user, timezone.now())


def plans_of(queries: CaptureQueriesContext, having: str) -> list[str]:
    """How the database answers those of the queries, a line for each step."""
    with connection.cursor() as cursor:
        found = []
        for sql in [each["sql"] for each in queries if having in each["sql"]]:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            found.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
        return found


def begins_with_status(plan: str) -> bool:
    """Whether an index leads to the tickets of one status, instead of reading those of all."""
    return "SCAN tickets_ticket" not in plan and "status=?" in plan


def plans_of_page(user: User, address: str, **how: Any) -> list[tuple[str, str]]:
    """The status that each query asks for, and its plan."""
    what = paging.wanted(QueryDict(address), views.of(user), has_own=False)
    with CaptureQueriesContext(connection) as queries:
        paging.page(Ticket.objects.all(), what, asked(user), **how)
    plans = plans_of(queries, f"LIMIT {paging.PAGE + 1}")
    return list(zip(what.filters.statuses(), plans, strict=True))


def is_sorted(plan: str) -> bool:
    return "TEMP B-TREE" in plan


@pytest.mark.parametrize("order", ORDERS)
def test_no_list_is_sorted_to_show_its_first_rows(desk: User, order: str) -> None:
    for address in LISTS:
        for status, plan in plans_of_page(desk, f"{address}&sort={order}"):
            # Most tickets are closed: who reads all of them in their order reads few others.
            assert begins_with_status(plan) or address in OF_FEW or status == "closed", (address, plan)
            assert address in NARROWED or not is_sorted(plan), (address, plan)


@pytest.mark.parametrize(
    "order", ["work", "waiting", "changed", "wakes"]
)  # the others go on in the table itself, by the id
def test_a_later_page_begins_in_the_middle_of_the_index(desk: User, order: str) -> None:
    for _ in range(60):
        cast.new_ticket()
    address = f"view=open&sort={order}"
    what = paging.wanted(QueryDict(address), views.of(desk), has_own=False)
    after = paging.page(Ticket.objects.all(), what, asked(desk)).after
    ((_, plan),) = plans_of_page(desk, address, after=after)
    assert begins_with_status(plan) and not is_sorted(plan), plan


def test_the_numbers_are_counted_in_indexes(desk: User) -> None:
    SavedView.objects.create(name="Urgent", owner=desk, filters={"status": ["open"], "priority": ["4"]}, order="work")
    counted = {key: view.filters for key, view in views.of(desk).items() if view.counted}
    with CaptureQueriesContext(connection) as queries:
        counting.counts(Ticket.objects.all(), counted, asked(desk))
    (plan,) = plans_of(queries, "COUNT(*)")
    assert "SCAN tickets_ticket" not in plan, plan


def test_a_search_with_filters_asks_the_index_of_words_once(desk: User) -> None:
    """Not once for each ticket that passes them."""
    what = paging.wanted(QueryDict("q=refund&status!=closed&priority=4"), views.of(desk), has_own=False)
    with CaptureQueriesContext(connection) as queries:
        paging.page(Ticket.objects.all(), what, asked(desk))
    (plan,) = plans_of(queries, "bm25")
    assert "=M" not in plan and "INDEX 0:M" in plan, plan
