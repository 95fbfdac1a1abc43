"""The pages of a search: one after another, how many there are, and the ticket whose number is typed."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import cast
from tickets.models import Ticket, User
from tickets.queue import paging
from tickets.search import index, index_ticket, index_tickets


@pytest.fixture
def agent(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


def made(count: int, subject: str = "Refund") -> list[int]:
    pks = [cast.new_ticket(subject=subject, text="word " * (number % 7)).pk for number in range(count)]
    index_tickets(pks)
    return pks


def get(client: Client, **query: str) -> Any:
    return client.get(reverse("tickets:queue"), query)


def ids(answer: Any) -> list[int]:
    return [ticket.pk for ticket in answer.context["page"].tickets]


def all_pages(client: Client, **query: str) -> list[list[int]]:
    pages, after = [], ""
    while True:
        answer = get(client, **query, after=after)
        pages.append(ids(answer))
        after = answer.context["page"].after
        if not after:
            return pages


def test_pages_follow_each_other_without_gap_or_repeat(agent: Client) -> None:
    pks = made(120)
    pages = all_pages(agent, q="refund")
    assert [len(page) for page in pages] == [50, 50, 20]
    assert sorted(pk for page in pages for pk in page) == pks
    answer = get(agent, q="refund")
    assert "120 tickets found for “refund”" in answer.content.decode()
    assert "hx-get" in answer.content.decode() and "More" in answer.content.decode()


def test_a_filter_holds_on_every_page(agent: Client) -> None:
    pks = made(60)
    made(60, "Other")
    Ticket.objects.filter(pk__in=pks).update(priority=4)
    assert [len(page) for page in all_pages(agent, q="tomas", priority="4")] == [50, 10]


def test_a_page_begins_after_the_last_ticket_of_the_one_before_although_others_came(agent: Client) -> None:
    made(60)
    first = get(agent, q="refund")
    new = cast.new_ticket(subject="Refund refund refund", text="refund")
    index_ticket(new)
    rest = get(agent, q="refund", after=first.context["page"].after)
    assert len(ids(rest)) == 10 and not set(ids(first)) & set(ids(rest)) and new.pk not in ids(rest)


def test_a_page_begins_at_its_place_if_that_ticket_is_gone(agent: Client) -> None:
    made(60)
    first = get(agent, q="refund")
    Ticket.objects.filter(pk=ids(first)[-1]).update(subject="Else")
    index_tickets([ids(first)[-1]])
    assert len(ids(get(agent, q="refund", after=first.context["page"].after))) == 9


@pytest.mark.parametrize(
    "after", ["x", "match~50", "match~a~b", "work~4~2026-01-01T00:00:00~1", "match~~", "match~-1~2"]
)
def test_the_cursor_of_another_list_shows_the_search_anew(agent: Client, after: str) -> None:
    made(3)
    answer = get(agent, q="refund", after=after)
    assert answer.context["page"].stale and len(ids(answer)) == 3 and answer["HX-Retarget"] == "#queue"


def test_the_cursor_of_a_search_shows_a_view_anew(agent: Client) -> None:
    made(3)
    assert get(agent, view="all", after="match~50~1").context["page"].stale


def test_only_the_best_are_counted_and_shown(agent: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "BEST", 60)
    made(60)
    assert "60 tickets found" in get(agent, q="refund").content.decode()
    made(1)
    assert "The best 60 tickets for “refund”" in get(agent, q="refund").content.decode()
    assert [len(page) for page in all_pages(agent, q="refund")] == [50, 10]


def test_a_thousand_is_written_as_one(agent: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    pks = made(1)
    found = paging.find("refund", 10)
    many = type(found)([*pks, *range(10_000, 11_200)], found.query)
    monkeypatch.setattr(paging, "find", lambda *_, **__: many)
    assert "The best 1,000 tickets for “refund”" in get(agent, q="refund").content.decode()


def test_as_many_rows_as_are_shown_come_again(agent: Client) -> None:
    made(120)
    answer = get(agent, q="refund", rows="100")
    assert len(ids(answer)) == 100 and answer.context["page"].after.partition(".")[2].startswith("match~100~")


# --- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["{}", "#{}", " {} "])
def test_a_number_shows_its_ticket_first(agent: Client, typed: str) -> None:
    ticket = cast.new_ticket(subject="Else", status="pending")
    other = cast.new_ticket(subject=f"{ticket.pk} {ticket.pk} {ticket.pk}")
    for each in (ticket, other):
        index_ticket(each)
    answer = get(agent, q=typed.format(ticket.pk))
    page = answer.content.decode()
    assert ids(answer)[0] == ticket.pk and other.pk in ids(answer)
    assert page.count("data-asked") == 1 and f">Ticket {ticket.pk}</span>" in page
    assert f"{len(ids(answer))} tickets found" in page


def test_it_is_shown_once_and_whatever_is_filtered(agent: Client) -> None:
    ticket = cast.new_ticket(priority=2)
    index_ticket(ticket)
    assert ids(get(agent, q=str(ticket.pk))) == [ticket.pk]
    assert ids(get(agent, q=str(ticket.pk), priority="4")) == [ticket.pk]


@pytest.mark.parametrize("typed", ["999999", "9" * 40, "0", "#"])
def test_a_number_that_is_none_is_searched(agent: Client, ticket: Ticket, typed: str) -> None:
    answer = get(agent, q=typed)
    assert answer.status_code == 200 and "data-asked" not in answer.content.decode()


def test_no_number_is_marked_in_other_lists(agent: Client, ticket: Ticket) -> None:
    index_ticket(ticket)
    for query in ({"view": "all"}, {"q": "charged"}):
        assert "data-asked" not in get(agent, **query).content.decode()


# --- an index that is behind ----------------------------------------------------------------------


def test_a_search_says_that_tickets_are_missing_in_it(agent: Client) -> None:
    made(1)
    assert 'id="indexing"' not in get(agent, q="refund").content.decode()
    index.rebuild()
    assert "1 ticket is not searched yet" in get(agent, q="refund").content.decode()
    assert 'id="indexing"' not in get(agent, view="all").content.decode()
