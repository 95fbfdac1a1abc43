"""Triage of a ticket's messages: stored once, the ticket's category with it, and what an agent decided stays."""

import json
from typing import Any

import pytest
from django.utils import timezone

from copilot.models import Preparation, Triage, TriageModel
from copilot.preparation import pipeline
from copilot.triage import correcting, recording, triaging, versions
from copilot.triage.judging import Triaged
from tests import cast
from tests.copilot.triage.conftest import ANGRY, CALM
from tickets.models import Category, Message, Ticket, TicketEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store")]
INVOICE = f"The invoice and the refund are wrong. {CALM}"
CRASH = f"The screen shows an error and a crash. {CALM}"
WEATHER = "The weather, a recipe and music"


def prepare(ticket: Ticket) -> pipeline.Prepared:
    message = Message.objects.select_related("ticket__customer").filter(ticket=ticket, kind="customer").latest("pk")
    return pipeline.prepare(message)


def writes(ticket: Ticket, text: str) -> None:
    Message.objects.create(ticket=ticket, kind=Message.Kind.CUSTOMER, text=text)


def category_of(ticket: Ticket) -> str | None:
    return Ticket.objects.get(pk=ticket.pk).category_id


class TestAMessageThatArrives:
    def test_it_is_classified_and_its_ticket_gets_the_category(self, classifier: TriageModel) -> None:
        ticket = cast.new_ticket(text=f"The invoice and the refund are wrong. {ANGRY}")
        prepare(ticket)
        row = Triage.objects.get(message__ticket=ticket)
        assert row.category_id == category_of(ticket) == "billing" and row.model == classifier
        assert row.sentiment == "negative" and row.urgency == 5 and row.escalate and row.confidence
        assert row.because["category"].startswith("The invoice") and row.because["urgency"] == ANGRY
        assert row.said == {"category": "billing", "sentiment": "negative", "urgency": 5, "escalate": True}

    def test_nothing_is_classified_twice(self, classifier: TriageModel) -> None:
        ticket = cast.new_ticket(text=INVOICE)
        assert "triage" in prepare(ticket).fresh and "triage" not in prepare(ticket).fresh

    def test_the_search_prefers_articles_of_its_category(self, classifier: TriageModel) -> None:
        ticket = cast.new_ticket(text=INVOICE)
        first = prepare(ticket).steps["search"]["basis"]
        assert prepare(ticket).steps["search"]["basis"] == first  # with the ticket's category now
        ticket.refresh_from_db()
        correcting.correct_category(ticket, Category.objects.get(slug="account"), cast.mira())
        assert prepare(ticket).steps["search"]["basis"] != first

    def test_out_of_scope_leaves_the_ticket_without_a_category(self, classifier: TriageModel) -> None:
        ticket = cast.new_ticket(text=WEATHER)
        prepare(ticket)
        assert category_of(ticket) is None and Triage.objects.get().category is None

    def test_a_category_that_is_no_longer_used_is_none(self, classifier: TriageModel) -> None:
        Category.objects.filter(slug="billing").update(active=False)
        ticket = cast.new_ticket(text=INVOICE)
        prepare(ticket)
        assert category_of(ticket) != "billing" != Triage.objects.get().said["category"]

    def test_a_later_message_has_its_own_tone_and_leaves_the_category(self, classifier: TriageModel) -> None:
        ticket = cast.new_ticket(text=INVOICE)
        prepare(ticket)
        writes(ticket, f"The screen shows an error and a crash. {ANGRY}")
        prepare(ticket)
        first, latest = correcting.shown(ticket)
        assert first and latest and category_of(ticket) == "billing"
        assert (first.sentiment, latest.sentiment, latest.category_id) == ("neutral", "negative", "technical")

    def test_a_later_message_gives_the_category_that_the_first_did_not(self, classifier: TriageModel) -> None:
        ticket = cast.new_ticket(text=WEATHER)
        prepare(ticket)
        writes(ticket, CRASH)
        prepare(ticket)
        assert category_of(ticket) == "technical"

    def test_nothing_personal_is_stored(self, classifier: TriageModel) -> None:
        ticket = cast.new_ticket(text=f"The invoice for ana@mail.example and the refund. {CALM} I am Tomas.")
        prepare(ticket)
        [values] = Triage.objects.values("because", "signals", "said")
        assert "ana@" not in json.dumps(values) and "EMAIL_1" in values["because"]["category"]


class TestAtTheSameTime:
    def test_who_corrects_before_the_message_is_classified_loses_no_signal(self, classifier: TriageModel) -> None:
        ticket = cast.new_ticket(text=f"{INVOICE} My lawyer will contact you.")
        correcting.correct_category(ticket, Category.objects.get(slug="account"), cast.mira())
        prepare(ticket)
        row = Triage.objects.get()
        assert row.category_id == category_of(ticket) == "account" and row.said["category"] == "billing"
        assert row.signals[0][0] == "legal_threat" and row.escalate and row.sentiment and row.model == classifier

    def test_a_message_that_was_read_long_ago_leaves_the_category_of_now(self, classifier: TriageModel) -> None:
        ticket = cast.new_ticket(text=INVOICE)
        read = Message.objects.select_related("ticket__customer").get(ticket=ticket)
        Ticket.objects.update(category="technical")
        recording.record(read, Triaged(category="billing", model=classifier.pk))
        assert category_of(ticket) == "technical"

    def test_nor_does_it_undo_what_an_agent_decided_meanwhile(self, classifier: TriageModel) -> None:
        ticket = cast.new_ticket(text=INVOICE)
        read = Message.objects.select_related("ticket__customer").get(ticket=ticket)
        correcting.correct_category(ticket, None, cast.mira())
        recording.record(read, Triaged(category="billing", model=classifier.pk))
        assert category_of(ticket) is None

    def test_a_classifier_that_is_down_takes_nothing_back(self, classifier: TriageModel) -> None:
        ticket = cast.new_ticket(text=INVOICE)
        prepare(ticket)
        recording.record(Message.objects.get(), Triaged(signals=(("human", "a person"),), escalate=True))
        row = Triage.objects.get()
        assert row.category_id == "billing" and row.model == classifier and row.escalate and row.signals

    def test_a_closed_ticket_is_classified_and_stays_as_it_is(self, classifier: TriageModel) -> None:
        ticket = cast.new_ticket(text=INVOICE, status="closed", closed_at=timezone.now())
        prepare(ticket)
        assert category_of(ticket) is None and Triage.objects.get().category_id == "billing"


class TestWithoutAClassifier:
    def test_signals_are_found_and_it_is_classified_as_soon_as_there_is_one(self) -> None:
        ticket = cast.new_ticket(text=f"{INVOICE} My lawyer will contact you.")
        prepare(ticket)
        row = Triage.objects.get()
        assert row.signals[0][0] == "legal_threat" and row.escalate and row.model is None and not row.sentiment
        from tests.copilot.triage.conftest import small

        versions.activate(versions.keep(small().classifier, small().report))
        prepare(ticket)
        assert Triage.objects.get().category_id == category_of(ticket) == "billing"

    def test_without_signals_there_is_nothing_to_store(self) -> None:
        prepare(cast.new_ticket(text=INVOICE))
        assert not Triage.objects.exists()

    def test_a_damaged_one_is_no_reason_to_lose_the_message(
        self, classifier: TriageModel, caplog: pytest.LogCaptureFixture
    ) -> None:
        TriageModel.objects.update(sha256="of something else")
        versions.load.cache_clear()
        ticket = cast.new_ticket(text=f"{INVOICE} My lawyer will contact you.")
        assert prepare(ticket).degraded == triaging.DOWN
        assert "is damaged" in caplog.text and Triage.objects.get().signals
        assert Preparation.objects.get().steps["search"]

    def test_a_newer_classifier_does_not_read_old_messages_again(self, classifier: TriageModel) -> None:
        ticket = cast.new_ticket(text=INVOICE)
        prepare(ticket)
        newer = TriageModel.objects.create(file=classifier.file, sha256=classifier.sha256, embedder=classifier.embedder)
        versions.activate(newer)
        assert "triage" not in prepare(ticket).fresh and Triage.objects.get().model == classifier


class TestCorrecting:
    @pytest.fixture
    def invoice(self, classifier: TriageModel) -> Ticket:
        ticket = cast.new_ticket(text=INVOICE)
        prepare(ticket)
        ticket.refresh_from_db()
        return ticket

    def correct(self, ticket: Ticket, slug: str) -> bool:
        return correcting.correct_category(ticket, Category.objects.filter(slug=slug).first(), cast.mira())

    def test_the_ticket_changes_and_what_was_said_is_kept(self, invoice: Ticket) -> None:
        assert self.correct(invoice, "account")
        row = Triage.objects.get()
        assert category_of(invoice) == row.category_id == "account" and row.said["category"] == "billing"
        assert row.corrected_by == cast.mira() and row.corrected_at
        event = TicketEvent.objects.get(kind=TicketEvent.Kind.CATEGORY)
        assert event.actor == cast.mira() and event.data == {"was": "Billing", "now": "Account"}

    def test_to_confirm_is_a_decision_without_a_change(self, invoice: Ticket) -> None:
        assert not self.correct(invoice, "billing")
        assert Triage.objects.get().corrected_at and not TicketEvent.objects.filter(kind="category").exists()

    def test_none_of_these_is_what_the_search_goes_by(self, invoice: Ticket) -> None:
        before = Preparation.objects.get().steps["search"]["basis"]
        self.correct(invoice, "none of these")
        assert prepare(invoice).steps["search"]["basis"] != before

    def test_none_of_these_stays_when_the_customer_writes_again(self, invoice: Ticket) -> None:
        assert self.correct(invoice, "none of these")
        writes(invoice, CRASH)
        prepare(invoice)
        assert category_of(invoice) is None

    def test_what_an_agent_decided_is_not_overwritten_when_the_message_is_prepared_again(self, invoice: Ticket) -> None:
        self.correct(invoice, "account")
        Preparation.objects.all().delete()
        prepare(invoice)
        assert Triage.objects.get().category_id == category_of(invoice) == "account"

    def test_undoing_it_is_no_decision_if_the_classifier_said_so(self, invoice: Ticket) -> None:
        self.correct(invoice, "account")
        correcting.correct_category(invoice, Category.objects.get(slug="billing"), cast.mira(), forget=True)
        row = Triage.objects.get()
        assert category_of(invoice) == row.category_id == "billing" and row.corrected_at is row.corrected_by is None

    def test_undoing_it_gives_back_what_another_agent_decided(self, invoice: Ticket) -> None:
        self.correct(invoice, "account")
        self.correct(invoice, "complaint")
        correcting.correct_category(invoice, Category.objects.get(slug="account"), cast.mira())
        assert category_of(invoice) == "account" and Triage.objects.get().corrected == ["category"]

    def test_a_correction_after_none_of_these_is_of_the_same_message(self, invoice: Ticket) -> None:
        writes(invoice, CRASH)
        prepare(invoice)
        self.correct(invoice, "none of these")
        self.correct(invoice, "account")
        first, latest = Triage.objects.order_by("message__created_at", "message_id")
        assert (first.category_id, latest.category_id, latest.corrected) == ("account", "technical", [])

    def test_sentiment_and_urgency_of_the_latest_message(self, invoice: Ticket) -> None:
        correcting.correct_tone(invoice, cast.mira(), sentiment="urgent")
        correcting.correct_tone(invoice, cast.mira(), urgency=5)
        row = Triage.objects.get()
        assert (row.sentiment, row.urgency, row.said["sentiment"]) == ("urgent", 5, "neutral")
        assert row.corrected == ["sentiment", "urgency"] and category_of(invoice) == "billing"

    def test_a_ticket_that_nothing_has_classified_can_be_given_a_category(self) -> None:
        ticket = cast.new_ticket(text=INVOICE)
        assert self.correct(ticket, "billing") and Triage.objects.get().model is None

    def test_a_ticket_without_a_message_of_the_customer_cannot(self) -> None:
        ticket = cast.new_ticket(text=INVOICE)
        Message.objects.update(kind=Message.Kind.NOTE, author=cast.mira())
        with pytest.raises(correcting.NothingToCorrect):
            self.correct(ticket, "billing")
        assert category_of(ticket) is None


def test_it_goes_with_the_ticket(classifier: TriageModel) -> None:
    ticket = cast.new_ticket(text=INVOICE)
    prepare(ticket)
    ticket.delete()
    assert not Triage.objects.exists()


def test_events_say_which_category_it_was(classifier: TriageModel, client: Any) -> None:
    from tickets.views.wording import sentence

    event = TicketEvent(kind=TicketEvent.Kind.CATEGORY, data={"was": "", "now": "Billing"})
    assert sentence(event) == "Category: Billing, before: none of these"
