"""What an address of the queue asks for: it leads back to what is shown, and no address is an error."""

import json
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests import cast
from tickets.models import Category, Tag, Ticket, User
from tickets.queue import filters, paging, ticket_fields, views
from tickets.queue.fields import Asked, Kind
from tickets.queue.filters import MOST_VALUES, Condition, Filters
from tickets.queue.orders import ORDERS
from tickets.queue.periods import LAST
from tickets.queue.ticket_fields import AGES, FIELDS
from tickets.search import index_ticket

shared_rows = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def read(address: str) -> Filters:
    return filters.from_address(QueryDict(address))


def wanted(address: str) -> paging.Wanted:
    return paging.wanted(QueryDict(address), views.DESK, has_own=False)


# --- what is unknown ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("colour=red", ("colour",)),
        ("priority=9", ("Priority: 9",)),
        ("tag=refund", ("Tag: refund",)),
        ("tag=07", ("Tag: 07",)),  # written otherwise than the choices: it would be said to be gone
        ("tag=²", ("Tag: ²",)),
        (f"assignee={10**30}", (f"Assignee: {10**30}",)),
        ("category=No+such", ("Category: No such",)),
        ("language=Deutsch", ("Language: Deutsch",)),
        ("waiting=3h", ("Waiting: 3h",)),
        ("created=soon", ("Created: soon",)),
        ("created_from=soon&created_to=later", ("Created: soon later",)),
        ("created!=7d", ("created!",)),
        ("waiting=1h&not=waiting", ("waiting!",)),
        ("customer=" + "x" * 101, ("Customer: " + "x" * 50,)),
        ("customer=%00", ("Customer: \x00",)),
    ],
)
def test_what_does_not_exist_is_left_out_and_told(address: str, told: tuple[str, ...]) -> None:
    found = read(address)
    assert (found.conditions, found.unknown) == ((), told)


def test_a_known_value_beside_an_unknown_one_counts() -> None:
    found = read("priority=9&priority=4")
    assert (found.pairs(), found.unknown) == ([("priority", "4")], ("Priority: 9",))


@pytest.mark.parametrize("address", ["priority=&tag=++", "view=open&q=x&after=1&rows=2&sort=newest&any=1&not=tag"])
def test_empty_fields_of_a_form_and_other_parameters_are_no_filters(address: str) -> None:
    found = read(address)
    assert (found.conditions, found.unknown) == ((), ())


def test_the_page_says_what_it_left_out(client: Client, mira: User, ticket: Ticket) -> None:
    client.force_login(mira)
    page = client.get(reverse("tickets:queue"), {"view": "open", "colour": "red"})
    assert "left out: colour" in page.content.decode()
    assert page.context["page"].tickets == [ticket]


def test_a_value_is_kept_once_and_spaces_around_it_are_not() -> None:
    assert read("priority=4&priority=+4+&customer=+haas+").pairs() == [("priority", "4"), ("customer", "haas")]


def test_of_a_field_with_one_value_the_last_counts() -> None:
    assert read("waiting=1h&waiting=4h&customer=a&customer=b").pairs() == [("customer", "b"), ("waiting", "4h")]


def test_a_field_has_no_more_values_than_a_query_should() -> None:
    found = read("tag=" + ",".join(str(number) for number in range(1, MOST_VALUES + 2)))
    assert len(found.values("tag")) == MOST_VALUES
    assert found.unknown == ("Tag: only the first 500 are used",)


def test_values_are_joined_or_repeated() -> None:
    assert read("tag=1,2&tag=3").values("tag") == read("tag=1&tag=2&tag=3").values("tag") == ("1", "2", "3")
    assert read("customer=Haas,+Lena").values("customer") == ("Haas, Lena",)


def test_a_view_or_an_order_that_is_not_there_is_told(client: Client, mira: User, ticket: Ticket) -> None:
    client.force_login(mira)
    page = client.get(reverse("tickets:queue"), {"view": "saved-4711", "sort": "colour"}).content.decode()
    assert "This view is gone, or no longer shared with you." in page and 'data-gone="1"' in page
    assert "left out: colour" in page


def test_both_ways_of_turning_round_add_up() -> None:
    assert read("tag=1&tag!=2&not=tag").pairs() == [("tag!", "1,2")]


# --- filters and back -----------------------------------------------------------------------------

NUMBERS = st.integers(min_value=0, max_value=2**63 - 1).map(str)
DAYS = st.dates(min_value=date(1970, 1, 1), max_value=date(9000, 12, 31))
PERIODS = st.sampled_from(list(LAST)) | st.tuples(st.none() | DAYS, st.none() | DAYS).filter(any).map(
    lambda ends: "..".join(each.isoformat() if each else "" for each in ends)
)
TEXTS = st.text(min_size=1, max_size=100).map(str.strip).filter(lambda text: text and text.isprintable())
OF_FIELD = {
    "assignee": st.sampled_from(["me", "none"]) | NUMBERS,
    "team": st.sampled_from(["mine", "none"]) | NUMBERS,
    "tag": st.just("none") | NUMBERS,
    "category": st.from_regex(r"[a-z0-9_-]{1,40}", fullmatch=True),
    "language": st.just("none") | st.from_regex(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,4})?", fullmatch=True),
    "customer": TEXTS,
    "waiting": st.sampled_from(list(AGES)),
    **dict.fromkeys(["created", "changed", "closed"], PERIODS),
}


def values_of(key: str) -> st.SearchStrategy[str]:
    if key in OF_FIELD:
        return OF_FIELD[key]
    return st.sampled_from([choice.value for choice in FIELDS[key].choices([])])


@st.composite
def any_filters(draw: st.DrawFn) -> Filters:
    found = []
    for key in sorted(draw(st.sets(st.sampled_from(sorted(FIELDS)), max_size=6)), key=list(FIELDS).index):
        many = FIELDS[key].kind is Kind.CHOICES
        for negated in sorted(draw(st.sets(st.booleans(), min_size=1)) if many else [False]):
            values = draw(st.lists(values_of(key), min_size=1, max_size=4 if many else 1, unique=True))
            found.append(Condition(key, tuple(values), negated))
    return Filters(tuple(found))


@given(there=any_filters())
def test_filters_are_the_same_after_an_address(there: Filters) -> None:
    again = read(urlencode(there.pairs()))
    assert (again, again.unknown) == (there, ())


@given(there=any_filters())
def test_filters_are_the_same_after_json(there: Filters) -> None:
    again = filters.from_mapping(json.loads(json.dumps(there.as_json())))
    assert (again, again.unknown) == (there, ())


@given(
    view=st.sampled_from(list(views.DESK)),
    there=any_filters(),
    order=st.sampled_from(list(ORDERS.values())),
    query=st.just("") | TEXTS,
)
def test_an_address_leads_back_to_what_is_shown(view: str, there: Filters, order: Any, query: str) -> None:
    shown = paging.Wanted(views.DESK[view], there, order, query)
    assert wanted(shown.as_query()) == shown


@pytest.mark.parametrize("address", ["view=open", "view=open&any=1", "view=open&priority=4&sort=newest", "view=all"])
def test_an_address_has_no_more_than_it_needs(address: str) -> None:
    assert wanted(address).as_query() == address


def test_a_view_has_its_own_filters_unless_the_address_has_others() -> None:
    assert wanted("view=urgent").filters.pairs() == [("status", "open"), ("priority", "4")]
    assert wanted("view=urgent&priority=3").filters.pairs() == [("priority", "3")]
    assert wanted("view=urgent&any=1").filters.pairs() == []
    assert wanted("view=urgent&colour=red").filters.pairs() == [("status", "open"), ("priority", "4")]


def test_a_view_is_changed_by_other_filters_or_another_order_only() -> None:
    assert [wanted(f"view=open{more}").changed for more in ("", "&status=open", "&sort=work", "&q=refund")] == [
        False
    ] * 4
    assert [wanted(f"view=open{more}").changed for more in ("&any=1", "&priority=4", "&sort=newest")] == [True] * 3


def test_each_filter_of_the_page_leads_on_without_it(client: Client, mira: User) -> None:
    client.force_login(mira)
    page = client.get(reverse("tickets:queue") + "?view=open&status=open&priority=4&tag!=7&sort=newest")
    assert page.context["conditions"] == [
        ("Status: Open", "view=open&priority=4&tag!=7&sort=newest"),
        ("Priority: Urgent", "view=open&status=open&tag!=7&sort=newest"),
        ("Tag: not one that is gone", "view=open&status=open&priority=4&sort=newest"),
    ]
    assert page.context["unfiltered"] == "view=open"


def test_without_its_last_filter_a_view_shows_everything(client: Client, mira: User) -> None:
    client.force_login(mira)
    page = client.get(reverse("tickets:queue"), {"view": "open", "priority": "4"})
    assert [address for _, address in page.context["conditions"]] == ["view=open&any=1"]


# --- no address is an error -----------------------------------------------------------------------

NAMES = st.sampled_from([*FIELDS, *(f"{key}!" for key in FIELDS), "created_from", "created_to", "not", "view", "sort"])
ODD = st.text(max_size=30) | st.sampled_from(["none", "me", "mine", "9" * 18, "2026-03-29..", "..", "\x00", "²", "-1"])
PAIRS = st.lists(st.tuples(NAMES | st.text(max_size=12), ODD | PERIODS | NUMBERS), max_size=8)


@shared_rows
@given(pairs=PAIRS)
def test_no_filters_are_an_error(mira: User, ticket: Ticket, pairs: list[tuple[str, str]]) -> None:
    what, asked = wanted(urlencode(pairs, errors="replace")), Asked(mira, timezone.now())
    assert paging.page(Ticket.objects.all(), what, asked).tickets in ([], [ticket])
    assert all(filters.words(each) for each in what.filters.conditions)


@shared_rows
@given(there=any_filters())
def test_no_known_filters_are_an_error(mira: User, ticket: Ticket, there: Filters) -> None:
    asked = Asked(mira, timezone.now())
    for each in (there, Filters(tuple(Condition(one.key, one.values) for one in there.conditions))):
        assert list(Ticket.objects.filter(each.where(asked))) in ([], [ticket])


@pytest.mark.parametrize("name", ["queue", "queue_filters", "queue_filter_count"])
@hypothesis_settings(shared_rows, max_examples=25)
@given(query=st.text(max_size=60) | PAIRS.map(lambda pairs: urlencode(pairs, errors="replace")))
def test_no_query_string_is_an_error(client: Client, mira: User, ticket: Ticket, name: str, query: str) -> None:
    client.force_login(mira)
    answer = client.get(reverse(f"tickets:{name}"), QUERY_STRING=query.encode(errors="replace").decode("latin-1"))
    assert answer.status_code in {200, 400}  # 400: a NUL, which no database stores


MOMENTS = st.datetimes(timezones=st.timezones() | st.none()).map(lambda moment: moment.isoformat())
PARTS = MOMENTS | NUMBERS | st.integers().map(str) | st.text(max_size=12)


@shared_rows
@given(parts=st.lists(PARTS, max_size=4))
@example(parts=["9999-12-31T23:59:59-23:59", "1"])  # out of range once it is in UTC
@example(parts=["4", "0001-01-01T00:00:00+23:59", "1"])
@example(parts=[str(2**63 - 1), "2026-01-01T00:00:00+00:00", str(2**63 - 1)])
def test_no_cursor_is_an_error_in_any_order(mira: User, ticket: Ticket, parts: list[str]) -> None:
    asked = Asked(mira, timezone.now())
    for order in ORDERS:
        found = paging.page(Ticket.objects.all(), wanted(f"view=open&sort={order}"), asked, after="~".join(parts))
        assert found.tickets in ([], [ticket])


# --- the panel ------------------------------------------------------------------------------------


def test_the_panel_has_every_field_with_the_chosen_values(client: Client, mira: User) -> None:
    client.force_login(mira)
    panel = client.get(reverse("tickets:queue_filters") + "?view=open&priority=4&tag!=none&created=2026-03-02..")
    fields = {each["field"].key: each for each in panel.context["fields"]}
    assert list(fields) == list(FIELDS)
    assert fields["priority"]["chosen"] == ("4",) and not fields["priority"]["negated"]
    assert fields["tag"]["chosen"] == ("none",) and fields["tag"]["negated"]
    assert fields["created"]["ends"] == ("2026-03-02", "")
    assert [key for key, each in fields.items() if each["chosen"]] == ["priority", "tag", "created"]


def test_the_panel_keeps_a_chosen_member_who_has_left(client: Client, mira: User, jonas: User) -> None:
    User.objects.filter(pk=jonas.pk).update(is_active=False)
    client.force_login(mira)
    panel = client.get(reverse("tickets:queue_filters"), {"assignee": jonas.pk}).content.decode()
    assert f'name="assignee" value="{jonas.pk}" checked' in panel and "Jonas Brandt" in panel


def test_the_panel_keeps_a_tag_that_is_gone_and_what_it_has_no_room_for(client: Client, mira: User) -> None:
    refund = Tag.objects.create(name="refund")
    client.force_login(mira)
    address = f"?view=open&tag=4711&tag!={refund.pk}"
    panel = client.get(reverse("tickets:queue_filters") + address).content.decode()
    assert 'name="tag" value="4711" checked' in panel and "one that is gone" in panel
    assert f'name="tag!" value="{refund.pk}" checked' in panel and "and not: refund" in panel


def test_the_order_of_values_changes_no_view(mira: User) -> None:
    there = {**views.DESK, "hot": views.View("hot", "Hot", read("priority=4&priority=3"))}
    assert not paging.wanted(QueryDict("view=hot&priority=3&priority=4"), there, has_own=False).changed
    assert paging.wanted(QueryDict("view=hot&priority=3"), there, has_own=False).changed


def test_the_panel_counts_what_is_left(client: Client, mira: User) -> None:
    for priority in (2, 4, 4):
        cast.new_ticket(priority=priority)
    client.force_login(mira)
    for name in ("queue_filters", "queue_filter_count"):
        assert "2 tickets" in client.get(reverse(f"tickets:{name}"), {"priority": "4"}).content.decode(), name


def test_the_panel_asks_as_often_with_many_rows_as_with_few(
    client: Client, mira: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        cast.new_ticket(language="abcdefghijklmnopqrst"[number] * 2, assignee=cast.jonas())
        cast.team(f"Team {number}")
        Tag.objects.create(name=f"tag {number}")
        Category.objects.create(slug=f"c{number}", name=f"Category {number}")
    client.force_login(mira)
    # session, user, the member's teams, saved views; members, teams, categories, tags, languages; the count
    with django_assert_max_num_queries(10):
        client.get(reverse("tickets:queue_filters"), {"view": "open"})


def test_the_panel_counts_only_what_the_search_finds(client: Client, mira: User) -> None:
    for subject in ("Webhook", "Invoice", "Webhook again"):
        index_ticket(cast.new_ticket(subject=subject, priority=4))
    client.force_login(mira)
    count = client.get(reverse("tickets:queue_filter_count"), {"q": "webhook", "priority": "4"}).content.decode()
    assert count.strip() == "2 tickets"


@pytest.mark.parametrize("key", ["view", "rows", "tag!", "created_from", ""])
def test_a_field_that_an_address_could_not_hold_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a filter"):
        ticket_fields.add(replace(FIELDS["status"], key=key))
