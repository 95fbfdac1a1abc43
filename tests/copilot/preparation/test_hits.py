"""What the knowledge base has for a ticket is shown at once, with or without a draft, whatever is down."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from copilot import llm, tasks
from copilot.evidence import gathering
from copilot.models import Citation, Draft
from knowledge.search import retrieval
from tests import cast
from tests.copilot.conftest import withdraw
from tests.copilot.preparation.conftest import CHARGES, Publish
from tests.knowledge.fakes import MemoryStore
from tickets.models import Ticket, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here may ask a language model, not even whether it is there."""

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a language model was asked")

    monkeypatch.setattr(llm, "HttpModel", refuse)
    monkeypatch.setattr(llm, "health", refuse)


@pytest.fixture
def desk(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


def beside(client: Client, ticket: Ticket) -> str:
    answer = client.get(reverse("copilot:hits", args=[ticket.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_ticket_without_a_draft_shows_what_was_found_and_why(desk: Client, ticket: Ticket, publish: Publish) -> None:
    article = publish(review_by=date(2020, 1, 2))
    page = beside(desk, ticket)
    assert "Charged twice" in page and "Refunds" in page  # title and section
    assert 'class="num"' in page and "meaning" in page and "words:" in page
    assert "review overdue since 2 Jan 2020" in page
    assert reverse("knowledge:article", args=[article.pk]) in page


def test_scores_and_dates_are_written_as_in_the_language_of_the_page(
    desk: Client, ticket: Ticket, publish: Publish
) -> None:
    publish(review_by=date(2020, 1, 2))
    desk.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"
    page = beside(desk, ticket)
    assert "Prüfung überfällig seit 2. Jan 2020" in page and re.search(r">0,\d\d</span>", page)


def test_the_page_asks_for_it_itself(desk: Client, ticket: Ticket) -> None:
    page = desk.get(reverse("tickets:ticket", args=[ticket.pk])).content.decode()
    assert f'hx-get="{reverse("copilot:hits", args=[ticket.pk])}" hx-trigger="load' in page


@pytest.mark.parametrize("state", [Draft.State.NO_SOURCE, Draft.State.FAILED])
def test_a_refused_draft_takes_nothing_away(desk: Client, ticket: Ticket, publish: Publish, state: str) -> None:
    publish()
    Draft.objects.create(ticket=ticket, message=ticket.messages.get(), state=state)
    assert "Charged twice" in beside(desk, ticket)


def test_what_the_drafts_list_shows_is_not_shown_again(desk: Client, ticket: Ticket, publish: Publish) -> None:
    article = publish()
    draft = Draft.objects.create(ticket=ticket, message=ticket.messages.get(), state=Draft.State.READY, text="Yes [1].")
    Citation.objects.create(draft=draft, number=1, article=article, title=article.title, excerpt="x", score=0.8)
    assert "No other articles: everything found is listed above." in beside(desk, ticket)
    publish("Double payments", "We refund double payments of March within 5 days.")
    page = beside(desk, ticket)
    assert "Double payments" in page and "Charged twice" not in page


def test_nothing_found_is_said(desk: Client, ticket: Ticket, publish: Publish, settings: Any) -> None:
    settings.RETRIEVAL_MIN_SCORE = 0.99
    publish("Opening hours", "We are there from nine to five.")
    page = beside(desk, ticket)
    assert "Nothing in the knowledge base answers this." in page and "The minimum score is 0.99." in page


def test_what_only_seems_near_in_a_language_the_search_cannot_read_is_called_doubtful(
    desk: Client, publish: Publish, settings: Any
) -> None:
    settings.RETRIEVAL_MIN_SCORE = 0.01
    publish("Passwort zurücksetzen", "Der Link gilt 60 Minuten und nur einmal.", language="de")
    german = cast.new_ticket(
        subject="Drucker",
        text="Einen Link zu Etiketten und einem Drucker mit Papierrollen hätte ich gern.",
        language="de",
    )
    page = beside(desk, german)
    assert "No reliable results" in page and "1 doubtful" in page and "Nothing in the knowledge base" not in page
    same = cast.new_ticket(subject="Passwort zurücksetzen", text="Passwort zurücksetzen: Link", language="de")
    assert "doubtful" not in beside(desk, same) and "Passwort" in beside(desk, same)


def test_an_empty_knowledge_base_is_said(desk: Client, ticket: Ticket, store: MemoryStore) -> None:
    assert "Nothing in the knowledge base answers this." in beside(desk, ticket)


def test_without_vectors_words_find_and_it_says_so(
    desk: Client, ticket: Ticket, publish: Publish, store: MemoryStore
) -> None:
    publish()
    store.fail_after = 0
    page = beside(desk, ticket)
    assert "Charged twice" in page and "Searched by words only" in page
    store.fail_after = None
    assert "Searched by words only" not in beside(desk, ticket)  # a bad moment is not kept


def test_without_a_message_from_the_customer_there_is_no_question(
    desk: Client, ticket: Ticket, store: MemoryStore
) -> None:
    ticket.messages.all().delete()
    assert "There is no message from the customer yet" in beside(desk, ticket)


@pytest.mark.parametrize("verb", ["archive", "expire", "erase"])
def test_what_is_withdrawn_is_gone_at_once(desk: Client, ticket: Ticket, publish: Publish, verb: str) -> None:
    article = publish()
    assert "Charged twice" in beside(desk, ticket)
    withdraw(article, verb)
    assert "Charged twice" not in beside(desk, ticket)


def test_what_becomes_internal_is_marked_at_once(desk: Client, ticket: Ticket, publish: Publish) -> None:
    article = publish()
    assert "internal" not in beside(desk, ticket)
    withdraw(article, "make internal")
    assert "internal" in beside(desk, ticket)


def test_going_back_to_a_ticket_searches_once_until_something_is_published(
    desk: Client, ticket: Ticket, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish()
    searched: list[str] = []

    def count(query: str, **options: Any) -> Any:
        searched.append(query)
        return retrieval.search(query, **options)

    monkeypatch.setattr(gathering, "search", count)
    assert "Charged twice" in beside(desk, ticket) and "Charged twice" in beside(desk, ticket)
    assert len(searched) == 1
    publish("Charged again", "Charged twice in March: refund one of the payments.")
    assert "Charged again" in beside(desk, ticket)


def test_the_customers_data_is_masked_before_it_is_searched(
    desk: Client, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish()
    searched: list[str] = []
    monkeypatch.setattr(
        gathering, "search", lambda query, **rest: (searched.append(query), retrieval.search(query, **rest))[1]
    )
    beside(desk, cast.new_ticket(text="Write to me at tomas@okafor.example about the charge in March."))
    assert searched and "tomas@okafor.example" not in searched[0]


def test_evidence_is_not_chosen_for_it(
    desk: Client, ticket: Ticket, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That takes longest, and only drafts need it."""

    def refuse(*args: Any) -> Any:
        raise AssertionError("evidence was chosen")

    publish()
    monkeypatch.setattr(gathering, "gather", refuse)
    assert "Charged twice" in beside(desk, ticket)


def test_looking_writes_nothing(desk: Client, ticket: Ticket, publish: Publish) -> None:
    publish()
    beside(desk, ticket)  # the first request of a minute notes that the session is in use
    other = cast.new_ticket()
    with CaptureQueriesContext(connection) as asked:
        assert "Charged twice" in beside(desk, other)
    verbs = {query["sql"].lstrip().split(" ", 1)[0].upper() for query in asked.captured_queries}
    assert verbs <= {"SELECT", "SAVEPOINT", "RELEASE", "DECLARE"}  # DECLARE: a cursor to read with, on PostgreSQL


def test_beside_a_prepared_ticket_it_is_a_few_reads(
    desk: Client, publish: Publish, django_assert_max_num_queries: Any
) -> None:
    """However many articles are found, and whether or not the customer has written before."""
    for number in range(6):
        publish(f"Charged twice {number}", f"{CHARGES} Case {number}.")
    ticket = cast.new_ticket()
    tasks.prepare_message(ticket.messages.get().pk)
    beside(desk, ticket)
    with django_assert_max_num_queries(15):
        assert "Charged twice" in beside(desk, ticket)


@pytest.mark.parametrize("who", ["ken", "otto"])
def test_only_who_works_tickets_sees_it(
    client: Client, ticket: Ticket, who: str, request: pytest.FixtureRequest
) -> None:
    address = reverse("copilot:hits", args=[ticket.pk])
    assert client.get(address).status_code == 302
    client.force_login(request.getfixturevalue(who))
    assert client.get(address).status_code == 403


def test_a_ticket_that_is_not_there_is_404(desk: Client) -> None:
    assert desk.get(reverse("copilot:hits", args=[999])).status_code == 404
