"""The history of a customer in the context pane."""

import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from copilot.models import ThreadSummary
from tests import cast
from tests.copilot.customers.conftest import earlier_ticket, escalated, keep, sounds
from tests.copilot.summaries.conftest import say
from tests.modules import ROOT
from tickets.models import Ticket, User
from tickets.views.pages import OTHER_TICKETS

pytestmark = pytest.mark.django_db
STREAM = "data-stream="


@pytest.fixture
def desk(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


def page(client: Client, ticket: Ticket, name: str = "copilot:history") -> str:
    answer = client.get(reverse(name, args=[ticket.pk]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_of_a_first_ticket_there_is_one_sentence_and_no_list(desk: Client, ticket: Ticket) -> None:
    text = page(desk, ticket)
    assert '<p class="history-text">First ticket.</p>' in text
    assert "<ul" not in text and "<h3" not in text and STREAM not in text


def test_sentences_and_the_other_tickets(desk: Client, ticket: Ticket, lena: Any) -> None:
    for ago, sentiment in ((3, "neutral"), (2, "negative"), (1, "negative")):
        sounds(ticket, sentiment, ago)
    other = earlier_ticket("An older question", ago=40, status="pending")
    escalated(other)
    earlier_ticket("Somebody else’s", customer=lena)
    text = page(desk, ticket)
    assert "2 tickets in 90 days. 1 other waits for the customer. " in text
    assert f'<a href="/desk/{other.pk}/" id="other-{other.pk}" data-open="{other.pk}">An older question</a>' in text
    assert "escalated · Waiting for customer" in text and "<h3>Other tickets</h3>" in text
    assert "Somebody else" not in text


def test_a_mood_that_a_model_judged_is_marked(desk: Client, ticket: Ticket) -> None:
    for ago in (3, 2, 1):
        sounds(ticket, "negative", ago, corrected=ago != 2)
    by = '<span class="history-mood" title="estimated by the model"><span class="unseen">Judged by the model:</span> '
    assert f"First ticket. {by}Mood is steady: negative.</span></p>" in page(desk, ticket)


def test_a_mood_that_agents_corrected_is_not(desk: Client, ticket: Ticket) -> None:
    for ago in (3, 2, 1):
        sounds(ticket, "negative", ago, corrected=True)
    text = page(desk, ticket)
    assert "First ticket. Mood is steady: negative.</p>" in text and "by the model" not in text


def test_a_kept_line_says_who_wrote_it(desk: Client, ticket: Ticket) -> None:
    keep(earlier_ticket(ago=1), {"text": "Wants the invoice"})
    keep(earlier_ticket(ago=2), {"text": "Where is it?", "written": False})
    text = page(desk, ticket)
    written = (
        'class="history-line is-ai" title="Wants the invoice" dir="auto"><span class="unseen">Written by AI:</span>'
    )
    assert f"{written} Wants the invoice</span>" in text
    assert '<span class="history-line" title="Where is it?" dir="auto">“Where is it?”</span>' in text
    assert text.count("is-ai") == text.count("Written by AI") == 1


def test_a_line_is_asked_for_only_where_one_is_missing(desk: Client, ticket: Ticket) -> None:
    keep(earlier_ticket(ago=1), {"text": "Kept"})
    assert STREAM not in page(desk, ticket)
    other = earlier_ticket(ago=2)
    text = page(desk, ticket)
    assert f'{STREAM}"/copilot/tickets/{ticket.pk}/history/stream"' in text
    assert f'<p class="history-asked" data-asked="{other.pk}"></p>' in text  # its place, empty


def test_nothing_is_asked_for_where_nothing_can_come(desk: Client, ticket: Ticket) -> None:
    nobody_wrote, nobody_asked, begun_by_us = (earlier_ticket(ago=ago) for ago in (1, 2, 3))
    nobody_wrote.messages.all().delete()
    keep(nobody_asked, {"about": "tried", "text": "We asked for the name"})
    begun_by_us.messages.all().delete()
    say(begun_by_us, "reply", "Your trial ends soon.")
    assert STREAM not in page(desk, ticket)


def test_a_reason_is_read_out(desk: Client, ticket: Ticket) -> None:
    earlier_ticket()
    assert '<span class="history-why" data-why role="status"></span>' in page(desk, ticket)


def test_how_many_there_are_besides(desk: Client, ticket: Ticket) -> None:
    for at in range(6):
        earlier_ticket(f"Number {at}", ago=at + 1)
    text = page(desk, ticket)
    assert "<h3>4 of 6 other tickets</h3>" in text
    assert text.count("history-row") - text.count("history-rows") == 4


def test_a_ticket_without_a_subject_can_be_opened(desk: Client, ticket: Ticket) -> None:
    earlier_ticket("")
    assert ">(no subject)</a>" in page(desk, ticket)


def test_reading_writes_nothing_and_asks_nobody(desk: Client, ticket: Ticket, model: Any) -> None:
    earlier_ticket()
    page(desk, ticket)
    assert not ThreadSummary.objects.exists() and model.asked == []


def test_what_others_write_is_never_markup(desk: Client, ticket: Ticket) -> None:
    nasty = "'\"><script>alert(1)</script>{{ 7|add:7 }}"
    cast.tomas().tickets.update(category="billing")
    keep(earlier_ticket(nasty, category_id="billing"), {"text": nasty})
    keep(earlier_ticket(nasty), {"text": nasty, "written": False})
    text = page(desk, ticket)
    assert "<script>" not in text and "14}" not in text and text.count("&lt;script&gt;alert(1)") == 6


def test_forty_tickets_take_as_many_queries_as_four(
    desk: Client, ticket: Ticket, django_assert_num_queries: Any
) -> None:
    for count in (4, 36):
        for at in range(count):
            keep(earlier_ticket(str(at)), {"text": f"Number {at}"})
        page(desk, ticket)
        # session, member, ticket; six of facts; others, messages, summaries, undone replies, placeholders
        with django_assert_num_queries(14):
            desk.get(reverse("copilot:history", args=[ticket.pk]))


class TestItsPlace:
    """The page of a ticket keeps room for it before it comes in."""

    @pytest.mark.parametrize("others", [0, 1, 4, 6])
    def test_for_as_many_tickets_as_will_be_shown(self, desk: Client, ticket: Ticket, lena: Any, others: int) -> None:
        earlier_ticket(customer=lena)
        for _ in range(others):
            earlier_ticket()
        rows = min(others, OTHER_TICKETS)
        text = page(desk, ticket, "tickets:context")
        assert f'id="history-{ticket.pk}" class="history history-{rows}"' in text
        history = page(desk, ticket)
        assert history.count("data-asked") == rows

    def test_for_each_number_there_is_a_height(self) -> None:
        sheet = (ROOT / "static/css/desk/history.css").read_text()
        assert set(re.findall(r"\.history-(\d) ", sheet)) == {str(at) for at in range(OTHER_TICKETS + 1)}

    def test_it_stays_when_the_part_around_it_is_fetched_again(self, desk: Client, ticket: Ticket) -> None:
        tag = re.search(rf'<div id="history-{ticket.pk}"[^>]*>', page(desk, ticket, "tickets:ticket"))
        assert tag and "hx-preserve" in tag[0] and "refresh-history" in tag[0] and "load delay" in tag[0]
        assert f'hx-get="{reverse("copilot:history", args=[ticket.pk])}"' in tag[0]
        assert tag[0] in page(desk, ticket, "tickets:context") and tag[0] in page(desk, ticket, "tickets:pane")


@pytest.mark.parametrize("language", django_settings.DESK_LANGUAGES)
def test_in_every_language_of_the_desk(desk: Client, mira: User, ticket: Ticket, language: str) -> None:
    User.objects.filter(pk=mira.pk).update(language=language)
    earlier_ticket(status="open")
    text = page(desk, ticket)
    assert "%(" not in text and 'class="history-text"' in text
