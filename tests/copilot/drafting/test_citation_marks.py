"""A draft's citations never reach the customer; other text that looks like one does."""

import json
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from copilot import review
from copilot.drafting import citation_marks
from copilot.models import Citation, Draft
from tests.cast import lena, new_ticket
from tickets import outbox
from tickets.composition import Composition
from tickets.models import Message, Ticket, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(ticket: Ticket) -> Draft:
    made = Draft.objects.create(
        ticket=ticket, message=ticket.messages.get(), state=Draft.State.READY, text="It takes 5 days [1]. Done[2]."
    )
    for number in (1, 2):
        Citation.objects.create(draft=made, number=number, title="Charges", excerpt="5 days", score=0.8)
    return made


def read_by_customer(
    ticket: Ticket, text: str, prepared: str = "", own: list[tuple[int, int, int]] | None = None
) -> str:
    return citation_marks.clean(ticket.pk, Composition(text, prepared, None if own is None else tuple(own)))


def test_only_the_citations_that_the_browser_names_are_removed(draft: Draft) -> None:
    text = "See item [1]: it takes 5 days [1]. servers[1].host"
    assert read_by_customer(draft.ticket, text, str(draft.pk), [(30, 1, draft.pk)]) == (
        "See item [1]: it takes 5 days. servers[1].host"
    )
    assert read_by_customer(draft.ticket, text, str(draft.pk), []) == text


def test_numbers_in_brackets_are_as_in_the_article(draft: Draft) -> None:
    """A draft has them with spaces, so that they do not look like its citations."""
    text = "Write items[ 2 ] there [1]."
    assert read_by_customer(draft.ticket, text, str(draft.pk), [(23, 1, draft.pk)]) == "Write items[2] there."
    assert review.edit_distance(text, "Write items[2] there.") == 0


@pytest.mark.parametrize("wrong", [(30, 3, 0), (29, 1, 0), (31, 1, 0), (900, 1, 0), (30, 1, 999)])
def test_a_number_that_is_not_the_drafts_stays(draft: Draft, wrong: tuple[int, int, int]) -> None:
    """Another number, position or draft: what the browser says is checked."""
    text = "See item [1]: it takes 5 days [1]."
    at, number, source = wrong
    assert read_by_customer(draft.ticket, text, "", [(at, number, source or draft.pk)]) == text


def test_another_tickets_draft_has_no_citation_here(draft: Draft) -> None:
    other = new_ticket(lena())
    assert read_by_customer(other, "Five days [1].", str(draft.pk)) == "Five days [1]."
    assert read_by_customer(other, "Five days [1].", "", [(10, 1, draft.pk)]) == "Five days [1]."


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (
            "Set `servers[0].host` and keep items[12] as it is. [1]",
            "Set `servers[0].host` and keep items[12] as it is.",
        ),
        ("It takes 5 days [1][2]. Bye", "It takes 5 days. Bye"),
        ("rows[1] = f(x)[2]; matrix[1][2]", "rows[1] = f(x)[2]; matrix[1][2]"),
        ("All is well. Done[2].", "All is well. Done."),
        ("Ours are [1] and [3].", "Ours are and [3]."),
        ("[note] [123] [1a]", "[note] [123] [1a]"),
    ],
)
def test_without_positions_what_the_draft_can_have_written_is_removed(draft: Draft, text: str, clean: str) -> None:
    assert read_by_customer(draft.ticket, text, str(draft.pk)) == clean


@pytest.mark.parametrize("prepared", ["", "abc", "²", "-1", "9" * 30, "999"])
def test_without_a_draft_nothing_is_a_citation(draft: Draft, prepared: str) -> None:
    assert read_by_customer(draft.ticket, "As in [1] and [2].", prepared) == "As in [1] and [2]."


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Set servers[0].host and keep items[12] as it is. [1]", "Set servers[0].host and keep items[12] as it is."),
        ("Done! [1][2] Bye.", "Done! Bye."),
        ("See [1].\n\n[1] Our price list", "See [1].\n\n[1] Our price list"),
        ("Version 2.[1]x and a[1]", "Version 2.[1]x and a[1]"),
        (" [1] [2]", ""),
    ],
)
def test_a_sender_without_positions_or_draft_loses_citations_after_sentences(
    ticket: Ticket, text: str, clean: str
) -> None:
    assert read_by_customer(ticket, text) == clean


def test_a_browser_keeps_even_those(ticket: Ticket) -> None:
    """It says that none of them is a draft's."""
    assert read_by_customer(ticket, "As I said. [1]", "", []) == "As I said. [1]"


def test_offsets_count_characters_as_people_see_them(draft: Draft) -> None:
    assert read_by_customer(draft.ticket, "👍🏽 Five days [1].", "", [(13, 1, draft.pk)]) == "👍🏽 Five days."


def test_the_reply_loses_its_citations_and_keeps_how_it_was_composed(
    client: Client, mira: User, draft: Draft, ticket: Ticket
) -> None:
    client.force_login(mira)
    composition = {"marks": [[16, 1, draft.pk]], "passages": [[0, 20, draft.pk]]}
    fields = {"text": "It takes 5 days [1].", "prepared": str(draft.pk), "submission": uuid.uuid4()}
    answer = client.post(reverse("tickets:reply", args=[ticket.pk]), fields | {"composition": json.dumps(composition)})
    message = Message.objects.get(pk=answer.json()["message"])
    assert message.text == "It takes 5 days."
    assert message.composition["passages"] == [[0, 20, draft.pk]]
    assert message.composition["text"] == "It takes 5 days [1]."


def test_nothing_but_citations_is_nothing_to_send(client: Client, mira: User, draft: Draft, ticket: Ticket) -> None:
    client.force_login(mira)
    fields = {"text": "[1] [2]", "prepared": str(draft.pk), "submission": uuid.uuid4()}
    answer = client.post(reverse("tickets:reply", args=[ticket.pk]), fields)
    assert answer.status_code == 422
    assert not ticket.messages.filter(kind="reply").exists()


def test_brackets_that_an_agent_types_are_an_edit(draft: Draft, mira: User) -> None:
    Draft.objects.update(text="It takes 5 days [1].")
    sent = outbox.write_reply(
        draft.ticket,
        mira,
        Composition("It takes 5 days [1], see items[12].", str(draft.pk), ((16, 1, draft.pk),)),
        submission=None,
    )
    review.reply_was_written(sent, str(draft.pk))
    draft.refresh_from_db()
    assert sent.text == "It takes 5 days, see items[12]."
    assert draft.review == "edited"
