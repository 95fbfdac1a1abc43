"""The section “Similar, solved” of the ticket page."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from copilot.models import SolvedTicket
from copilot.redaction.wording import LABELS, pieces
from copilot.similar_pages.wording import took
from knowledge.masking import KINDS
from tests import cast
from tests.copilot.similar.conftest import ALIKE, ASKED, closed, kept
from tests.knowledge.fakes import MemoryStore
from tests.test_hostile_input import HOSTILE, MARKS
from tickets.models import Ticket, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def asking(db: None) -> Ticket:
    return cast.new_ticket(cast.lena(), "Export", ALIKE)


def page(ticket: Ticket, who: User | None = None) -> str:
    client = Client()
    client.force_login(who or cast.mira())
    answer = client.get(reverse("copilot:similar", args=[ticket.pk]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_hit_with_its_facts(mira: User, asking: Ticket) -> None:
    ticket = closed(
        f"{ASKED} Write to lea@firma.example.", "Please ask lea@firma.example to switch on streaming there."
    )
    twin = closed(ASKED, "Please ask lea@firma.example to switch on streaming there.")
    kept(ticket)
    SolvedTicket.objects.update(articles=[{"article": 1, "title": "Export limits"}], confirmed=True)
    Ticket.objects.filter(pk=twin.pk).update(closed_at=twin.created_at + timedelta(minutes=9))
    told = page(asking)
    assert f'href="{reverse("tickets:ticket", args=[twin.pk])}" data-open="{twin.pk}"' in told
    assert "closed in 9 min · customer confirmed · Export limits · 1 more solved the same way" in told
    assert '<span class="masked">[email]</span>' in told and "firma.example" not in told and "EMAIL_1" not in told


def test_the_empty_state_teaches(mira: User, asking: Ticket) -> None:
    assert "No solved ticket is like this one yet." in page(asking)


def test_what_is_no_question_yet_is_said(mira: User) -> None:
    assert "Not a question yet" in page(cast.new_ticket(subject="Hello", text="Hi"))


def test_what_is_down_is_said(mira: User, asking: Ticket, store: MemoryStore) -> None:
    store.fail_after = 0
    assert "Similar tickets cannot be searched right now." in page(asking)


def test_hostile_words_are_shown_and_never_run(mira: User, asking: Ticket) -> None:
    kept(closed(ASKED, f"{HOSTILE} Please switch on streaming there and then start it again."))
    SolvedTicket.objects.update(articles=[{"article": 1, "title": HOSTILE}], title=HOSTILE)
    told = page(asking)
    assert told.count("&lt;script&gt;alert(1)") >= 4 and [mark for mark in MARKS if mark in told] == []


def test_looking_writes_nothing(mira: User, asking: Ticket) -> None:
    kept(closed())
    before = list(SolvedTicket.objects.values())
    page(asking)
    assert list(SolvedTicket.objects.values()) == before


@pytest.mark.parametrize("name", ["ken", "otto"])
def test_only_who_works_tickets_may_look(asking: Ticket, name: str) -> None:
    client = Client()
    client.force_login(getattr(cast, name)())
    assert client.get(reverse("copilot:similar", args=[asking.pk])).status_code == 403


def test_a_ticket_that_is_not_there(mira: User) -> None:
    client = Client()
    client.force_login(mira)
    assert client.get(reverse("copilot:similar", args=[987654])).status_code == 404


class TestMaskedWords:
    def test_a_placeholder_is_a_word(self) -> None:
        said = [
            ("Hi ", False),
            ("name", True),
            (", write to ", False),
            ("email", True),
            (" or ", False),
            ("name", True),
        ]
        assert list(pieces("Hi <NAME>, write to <EMAIL_2> or <PERSON_1>")) == said

    def test_other_text_stays(self) -> None:
        assert list(pieces("1 < 2 <b> <nobody>")) == [("1 < 2 <b> <nobody>", False)] and list(pieces("")) == []

    def test_every_kind_has_a_word(self) -> None:
        assert set(KINDS) | {"NAME", "FULL_NAME", "SURNAME"} == set(LABELS)


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (timedelta(seconds=20), "closed in 1 min"),
        (timedelta(minutes=119), "closed in 119 min"),
        (timedelta(hours=5, minutes=40), "closed in 5 h"),
        (timedelta(days=2), "closed in 2 days"),
    ],
)
def test_how_long_it_took(time: timedelta, said: str) -> None:
    assert took(time) == said
