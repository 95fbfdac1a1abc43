"""What the sentences of a reply rest on, and how it is kept and shown."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from copilot.models import Citation, Draft, DraftRecord, RevisedText, SentReply
from copilot.provenance.known import known_for
from copilot.provenance.origins import Counts, Known, Origin, Source, counts, origins
from copilot.provenance.wording import summary
from knowledge.models import Article
from tests.articles import approved
from tickets import outbox
from tickets.models import Message, Ticket, User

CHARGES = Source(1, "Two charges", "How long it stays")
INVOICES = Source(2, "Invoices")
STAYS = "A pending authorisation disappears from the card within 5 business days."
PAID = "Only lines marked Paid were collected."
KNOWN = [
    Known(STAYS, Origin.EVIDENCE, (CHARGES,)),
    Known(PAID, Origin.EVIDENCE, (INVOICES,)),
    Known("Das ist keine Abbuchung, sondern eine Vormerkung.", Origin.MODEL, (CHARGES,)),
]


def kinds(text: str) -> list[tuple[str, str, bool]]:
    return [(text[each.start : each.end], each.origin, each.changed) for each in origins(text, KNOWN)]


def test_each_sentence_rests_on_sources_the_model_or_a_person() -> None:
    text = f"Hi Tomas,\n\n{STAYS} I looked at your card. Das ist keine Abbuchung, sondern eine Vormerkung."
    assert kinds(text) == [
        (STAYS, "evidence", False),
        ("I looked at your card.", "person", False),
        ("Das ist keine Abbuchung, sondern eine Vormerkung.", "model", False),
    ]


def test_a_changed_sentence_is_a_persons_and_keeps_its_source() -> None:
    (found,) = origins("A pending authorisation disappears from your card within 7 business days.", KNOWN)
    assert (found.origin, found.changed, found.sources) == (Origin.PERSON, True, (CHARGES,))


def test_what_was_revised_is_by_the_model_and_what_it_left_is_not(ticket: Ticket) -> None:
    RevisedText.objects.create(
        ticket=ticket,
        action=RevisedText.Action.SHORTER,
        before="I looked at your card myself. In the event of doubt you are able to ask <NAME>.",
        after="I looked at your card myself. If in doubt, ask <NAME>.",
    )
    known = known_for(ticket)
    text = "I looked at your card myself. If in doubt, ask Tomas."
    assert [each.origin for each in origins(text, known)] == [Origin.PERSON, Origin.MODEL]


def test_case_space_and_citations_are_no_change() -> None:
    assert kinds("a pending authorisation disappears\nfrom the card within 5 business days    .")[0][1:] == (
        "evidence",
        False,
    )


def test_greeting_and_sign_off_rest_on_nothing() -> None:
    text = f"Hello Tomas,\n\n{PAID}\n\nKind regards,\nMira Lindqvist"
    assert kinds(text) == [(PAID, "evidence", False)]


def test_it_survives_moving_splitting_and_undoing() -> None:
    text = f"{PAID}\n\nOne more thing that I want to add here.\n\n{STAYS}"
    assert [kind for _, kind, _ in kinds(text)] == ["evidence", "person", "evidence"]


@given(st.text(max_size=300), st.text(max_size=100))
def test_no_text_makes_it_fail(text: str, other: str) -> None:
    for each in origins(text, [*KNOWN, Known(other, Origin.MODEL)]):
        assert 0 <= each.start < each.end <= len(text)


def test_the_summary_says_how_much_is_whose() -> None:
    found = origins(f"{STAYS} {PAID} I looked at your card.", KNOWN)
    assert counts(found) == Counts(evidence=2, articles=2, person=1)
    assert summary(counts(found), "Mira") == "2 sentences from 2 articles · 1 by Mira"
    assert summary(Counts(evidence=1, articles=1, model=1), "Mira") == "1 sentence from 1 article · 1 by AI"
    assert summary(Counts(person=3), "Mira") == ""  # nobody wonders where that comes from


# --- stored with the reply and shown below it -----------------------------------------------------


@pytest.fixture
def draft(ticket: Ticket) -> Draft:
    article = approved("Two charges", f"{STAYS}\n\n{PAID}", category="billing")
    text = f"Hi <NAME>,\n\n{STAYS[:-1]} [1]."
    draft = Draft.objects.create(ticket=ticket, message=ticket.messages.get(), state=Draft.State.READY, text=text)
    for number, excerpt in enumerate((STAYS, PAID), start=1):
        Citation.objects.create(
            draft=draft,
            number=number,
            article=article,
            title=article.title,
            excerpt=excerpt,
            score=0.8,
            cited=number == 1,
        )
    start = len("Hi <NAME>,\n\n")
    sentence = {
        "start": start,
        "end": len(text),
        "units": [1],
        "support": "supported",
        "reason": "word_for_word",
        "words": "",
    }
    DraftRecord.objects.create(draft=draft, sentences=[sentence])
    return draft


@pytest.fixture
def desk(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


def sent(desk: Client, ticket: Ticket, text: str, on_commit: Any, draft: Draft | None = None) -> Message:
    fields = {"text": text, "submission": str(uuid4()), "prepared": draft.pk if draft else ""}
    with on_commit():
        answer = desk.post(reverse("tickets:reply", args=[ticket.pk]), fields)
    assert answer.status_code == 200, answer.content
    return Message.objects.get(pk=answer.json()["message"])


def test_agents_see_below_a_reply_what_it_rests_on_and_the_customer_does_not(
    desk: Client, draft: Draft, on_commit: Any
) -> None:
    message = sent(desk, draft.ticket, f"Hi Tomas,\n\n{STAYS[:-1]} [1]. {PAID} I looked.", on_commit, draft)
    page = desk.get(reverse("tickets:conversation", args=[draft.ticket_id])).content.decode()
    assert "2 sentences from 1 article · 1 by Mira" in page
    assert f"<q>{STAYS}</q>" in page and f"/knowledge/articles/{draft.citations.first().article_id}/" in page  # type: ignore[union-attr]
    assert message.text == f"Hi Tomas,\n\n{STAYS} {PAID} I looked."
    assert message.html == ""


def test_it_is_kept_when_draft_and_article_are_gone(desk: Client, draft: Draft, on_commit: Any) -> None:
    ticket = draft.ticket
    sent(desk, ticket, STAYS, on_commit)
    draft.delete()
    Article.objects.all().delete()
    assert "1 sentence from 1 article" in desk.get(reverse("tickets:conversation", args=[ticket.pk])).content.decode()


def test_undoing_takes_it_away_and_sending_again_finds_the_same(
    desk: Client, draft: Draft, mira: User, on_commit: Any
) -> None:
    message = sent(desk, draft.ticket, STAYS, on_commit, draft)
    first = SentReply.objects.get().sentences
    with on_commit():
        outbox.undo(message.pk, mira)
    assert not SentReply.objects.exists()
    sent(desk, draft.ticket, STAYS, on_commit, draft)
    assert SentReply.objects.get().sentences == first


def test_the_warnings_that_it_was_sent_with_are_kept(desk: Client, draft: Draft, on_commit: Any) -> None:
    sent(desk, draft.ticket, "It disappears within 9 business days.", on_commit)
    assert SentReply.objects.get().warnings == [{"code": "fact", "words": "9 business days"}]


def test_a_reply_without_a_draft_has_nothing_to_show(desk: Client, ticket: Ticket, on_commit: Any) -> None:
    sent(desk, ticket, "We look into it.", on_commit)
    assert "origins" not in desk.get(reverse("tickets:conversation", args=[ticket.pk])).content.decode()


def test_the_line_of_the_composer_says_it_while_the_agent_writes(desk: Client, draft: Draft) -> None:
    text = f"Hi Tomas,\n\n{STAYS[:-1]} [1]. I looked."
    marks = {"marks": [[text.index("[1]"), 1, draft.pk]], "passages": []}
    answer = desk.post(
        reverse("copilot:presend", args=[draft.ticket_id]), {"text": text, "composition": json.dumps(marks)}
    )
    assert answer.json() == {"findings": [], "origins": "1 sentence from 1 article · 1 by you"}
