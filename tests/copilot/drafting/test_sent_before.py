"""A draft does not say again what an earlier reply on the ticket has said."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from copilot.drafting import snapshot, states
from copilot.drafting import writing as drafting
from copilot.drafting.answering import Asked, in_own_words
from copilot.evidence import gathering, sent_before
from copilot.evidence.gathering import Evidence
from copilot.evidence.units import Kind
from copilot.models import Draft, DraftRecord
from knowledge.models import Gap
from knowledge.search.retrieval import SearchResult
from tests.copilot.conftest import CHARGES, passage, unit
from tests.copilot.drafting.test_drafting import AWAY
from tests.fakes import FakeModel
from tickets.models import Customer, Message, OutgoingMail, Ticket, User

pytestmark = pytest.mark.django_db
FURTHER = "In addition to what we have already sent:"
RESULT = "If this does not work, please reply and tell us what you see."
DISAPPEARS, NEVER = CHARGES


def says(ticket: Ticket, by: User | None, text: str, **fields: Any) -> Message:
    """A reply by somebody, or, by nobody, the customer's next message."""
    kind = Message.Kind.REPLY if by else Message.Kind.CUSTOMER
    return Message.objects.create(ticket=ticket, text=text, author=by, **{"kind": kind} | fields)


def written(ticket: Ticket, model: FakeModel | None = None) -> Draft:
    """For the customer's latest message."""
    message = ticket.messages.filter(kind=Message.Kind.CUSTOMER).last()
    assert message is not None
    draft, _created = states.request_draft(ticket, message, Draft.Origin.REQUEST)
    async_to_sync(drafting.write)(draft.pk, model or FakeModel(), "interactive")
    draft.refresh_from_db()
    return draft


def words(answer: Any) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def told(draft: Draft) -> Any:
    return snapshot.snapshot(draft.ticket)["notice"]


@pytest.fixture
def replied(ticket: Ticket, mira: User, searched: list[str]) -> Message:
    """Mira has sent the first of the two passages, and the customer asks again."""
    reply = says(ticket, mira, f"Hi Tomas,\n\n{DISAPPEARS}\n\nMira")
    says(ticket, None, "It is still there. Why was I charged twice?")
    return reply


class TestADraft:
    def test_has_only_what_is_new_and_says_so(self, ticket: Ticket, replied: Message) -> None:
        draft = written(ticket)
        assert draft.text == f"Hi <NAME>,\n\n{FURTHER}\n\nIt is never collected [1]."
        assert [(c.number, c.excerpt, c.cited, c.sent_at) for c in draft.citations.all()] == [
            (1, NEVER, True, None),
            (2, DISAPPEARS, False, replied.created_at),
        ]
        assert told(draft) == {"code": "sent_before", "text": "1 passage sent before is left out"}

    def test_is_checked_and_numbered_as_any_other(self, ticket: Ticket, replied: Message) -> None:
        draft = written(ticket)
        (sentence,) = draft.record.sentences
        assert draft.text[sentence["start"] : sentence["end"]] == "It is never collected [1]."
        assert (sentence["support"], sentence["units"]) == ("supported", [1])

    def test_says_nothing_until_the_model_has_read_the_rest(self, ticket: Ticket, replied: Message) -> None:
        """What fits best is gone, so what fits next may be about something else."""
        states.request_draft(ticket, ticket.messages.latest("pk"), Draft.Origin.ARRIVAL)
        drafting.offer(ticket.messages.latest("pk"))
        assert ticket.drafts.get().text == ""
        assert written(ticket, FakeModel(error=AWAY)).text == ""

    def test_is_not_one_that_was_written_where_nothing_was_sent(
        self, ticket: Ticket, searched: list[str], mira: User, lena: Customer
    ) -> None:
        """The answer cache: both ask the same."""
        first = written(ticket)
        other = Ticket.objects.create(customer=lena, subject=ticket.subject)
        says(other, mira, DISAPPEARS)
        says(other, None, ticket.messages.get().text)
        second = written(other)
        assert DISAPPEARS[:-1] in first.text and DISAPPEARS[:-1] not in second.text
        assert second.record.reused_from is None


class TestWhenAllWasSent:
    @pytest.fixture
    def nothing_new(self, ticket: Ticket, mira: User, searched: list[str]) -> Ticket:
        says(ticket, mira, "\n".join(CHARGES), created_at=timezone.now() - timedelta(days=3))
        says(ticket, None, "It is still there. Why was I charged twice?")
        return ticket

    @pytest.fixture(autouse=True)
    def earlier(self, ticket: Ticket) -> None:
        Message.objects.filter(ticket=ticket).update(created_at=timezone.now() - timedelta(days=4))

    def test_there_is_no_draft_but_a_gap_and_no_model_is_asked(self, nothing_new: Ticket) -> None:
        model = FakeModel()
        draft = written(nothing_new, model)
        assert (draft.state, draft.text, model.checked) == (Draft.State.NO_SOURCE, "", [])
        assert Gap.objects.count() == 1
        assert {c.excerpt for c in draft.citations.all() if c.sent_at} == set(CHARGES)

    def test_the_page_says_what_was_sent_and_when(self, nothing_new: Ticket, client: Client, mira: User) -> None:
        client.force_login(mira)
        draft = written(nothing_new)
        said = told(draft)
        assert said["code"] == "sent_before"
        assert said["text"].startswith("The articles have nothing new: what comes closest was sent on ")
        shown = words(client.get(reverse("copilot:sources", args=[nothing_new.pk])))
        assert "The articles have nothing new. What comes closest was sent before." in shown
        assert shown.count("Sent before, so the draft leaves it out:") == 2  # two articles
        assert f"{NEVER} (sent " in shown

    def test_who_asks_again_has_it_repeated(self, nothing_new: Ticket) -> None:
        written(nothing_new)
        draft = written(nothing_new)
        assert draft.state == Draft.State.READY
        assert all(text[:-1] in draft.text for text in CHARGES) and FURTHER not in draft.text
        assert not draft.record.insisted and told(draft) is None


class TestWhatCounts:
    @pytest.mark.parametrize("state", OutgoingMail.NOT_SENT)
    def test_a_note_or_a_reply_that_was_not_sent_does_not(self, ticket: Ticket, mira: User, state: str) -> None:
        says(ticket, mira, DISAPPEARS, kind=Message.Kind.NOTE)
        OutgoingMail.objects.create(message=says(ticket, mira, DISAPPEARS), state=state)
        assert sent_before.of(says(ticket, None, "And now?")) == ()

    def test_only_replies_before_the_message(self, ticket: Ticket, mira: User) -> None:
        first = ticket.messages.get()
        reply = says(ticket, mira, DISAPPEARS)
        assert sent_before.of(first) == ()
        assert sent_before.of(says(ticket, None, "Hm")) == ((reply.created_at.isoformat(), DISAPPEARS),)

    def test_the_newest_comes_first(self, ticket: Ticket, mira: User) -> None:
        for text in ("One.", "Two."):
            says(ticket, mira, text)
        assert [text for _at, text in sent_before.of(says(ticket, None, "Hm"))] == ["Two.", "One."]

    def test_of_a_translation_that_was_sent_its_source_counts(self, ticket: Ticket, mira: User) -> None:
        """The part that the agent took out was not sent."""
        draft = Draft.objects.create(ticket=ticket, message=ticket.messages.get(), state=Draft.State.READY)
        for number, text in enumerate(CHARGES, start=1):
            draft.citations.create(number=number, title="Charges", excerpt=text, score=1.0, cited=True)
        german = ("Eine offene Reservierung verschwindet in 5 Werktagen [1].", "Sie wird niemals eingezogen [2].")
        draft.text = " ".join(german)
        draft.save()
        places = [(draft.text.index(each), draft.text.index(each) + len(each)) for each in german]
        sentences = [
            {"start": start, "end": end, "units": [number], "support": "supported", "reason": "", "words": ""}
            for number, (start, end) in enumerate(places, start=1)
        ]
        DraftRecord.objects.create(draft=draft, form=DraftRecord.Form.WRITTEN, sentences=sentences)
        reply = says(ticket, mira, "Hallo, eine offene Reservierung verschwindet in 5 Werktagen.")
        Draft.objects.filter(pk=draft.pk).update(reply=reply)
        assert [text for _at, text in sent_before.of(says(ticket, None, "Hm"))] == [reply.text, DISAPPEARS]

    def test_of_many_replies_only_the_newest_are_read_in_one_query(
        self, ticket: Ticket, mira: User, django_assert_num_queries: Any
    ) -> None:
        for number in range(sent_before.MOST + 5):
            says(ticket, mira, f"Reply {number}.")
        message = says(ticket, None, "Hm")
        with django_assert_num_queries(1):
            assert len(sent_before.of(message)) == sent_before.MOST


class TestEvidence:
    def test_what_is_left_out_leaves_room_for_others(self) -> None:
        """Nine units are read: of twelve that fit, those that were not sent."""
        article = "\n\n".join(f"Charge number {number} stays on the card." for number in range(12))
        found = SearchResult((passage(1, article),), "hybrid", None, "", 3.0, 0.8, 0.35)
        sent = [("2026-11-12T10:00:00+00:00", f"Charge number {number} stays on the card.") for number in range(5)]
        evidence = gathering.gather("Which charge stays on my card?", found, None, sent)
        assert len(evidence.units) == 7 and len(evidence.sent) == gathering.MAX_SENT
        assert {each.sent_at for each in evidence.sent} == {sent[0][0]}
        assert not {each.text for each in evidence.units} & {each.text for each in evidence.sent}

    def test_for_who_insists_it_is_evidence_again(self) -> None:
        evidence = Evidence(("?",), (unit(1, NEVER),), SearchResult((), "hybrid", None, "", 0.0, None, 0.0))
        whole = replace(evidence, sent=(unit(2, DISAPPEARS),)).with_sent()
        assert [each.text for each in whole.units] == [NEVER, DISAPPEARS] and whole.sent == ()


class TestTheNextStep:
    """Of a technical ticket."""

    STEPS = "To reconnect:\n1. Open Settings.\n2. Select Reconnect."

    def reply(self, kind: Kind, guided: bool = True, language: str = "en") -> str:
        found = SearchResult((), "hybrid", None, "", 0.0, None, 0.0)
        evidence = Evidence(("How?",), (unit(1, self.STEPS, kind),), found)
        return in_own_words(Asked("How?", language, evidence, guided=guided), [None]).text

    def test_behind_steps_asks_what_the_customer_sees(self) -> None:
        assert (
            self.reply(Kind.STEPS) == f"Hi,\n\nTo reconnect [1]:\n1. Open Settings.\n2. Select Reconnect.\n\n{RESULT}"
        )

    def test_without_steps_it_does_not(self) -> None:
        assert RESULT not in self.reply(Kind.SENTENCE)

    def test_nor_where_the_rules_do_not_ask_for_it(self) -> None:
        assert RESULT not in self.reply(Kind.STEPS, guided=False)

    @pytest.mark.parametrize(("category", "guided"), [("technical", True), ("product_question", False)])
    def test_the_rules_ask_for_it_in_technical_tickets(
        self, ticket: Ticket, searched: list[str], category: str, guided: bool
    ) -> None:
        Ticket.objects.filter(pk=ticket.pk).update(category=category)
        ticket.refresh_from_db()
        draft = states.request_draft(ticket, ticket.messages.get(), Draft.Origin.ARRIVAL)[0]
        progress = drafting.prepare(Draft.objects.select_related("ticket__customer", "message").get(pk=draft.pk))
        assert progress.asked.guided is guided
