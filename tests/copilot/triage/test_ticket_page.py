"""The triage on the ticket page: what it shows in each state, and what agents correct of it."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from copilot.models import MaskedValue, Triage, TriageModel
from copilot.redaction import values
from copilot.triage import wording
from copilot.triage.signals import Kind
from tests import cast
from tickets.models import Category, Message, Ticket, TicketEvent, User
from tickets.views.wording import sentence


@pytest.fixture
def desk(client: Client, mira: User) -> Client:
    client.force_login(mira)
    return client


@pytest.fixture
def classifier(db: None) -> TriageModel:
    return TriageModel.objects.create(file=b"", sha256="", embedder="fake", activated_at=timezone.now())


@pytest.fixture
def judged(ticket: Ticket, classifier: TriageModel) -> Triage:
    return judge(ticket)


def judge(ticket: Ticket, message: Message | None = None, category: str | None = "billing", **fields: Any) -> Triage:
    """As recording.py stores it."""
    values: dict[str, Any] = {
        "confidence": 0.82,
        "sentiment": "negative",
        "urgency": 4,
        "because": {"category": "two charges of 49.90 on my card", "urgency": "before Friday"},
        "model": TriageModel.objects.first(),
    } | fields
    said = {"category": category or "", "sentiment": values["sentiment"], "urgency": values["urgency"]}
    row = Triage.objects.create(
        message=message or ticket.messages.earliest("pk"), category_id=category, said=said, **values
    )
    if ticket.category_id is None and category:
        Ticket.objects.filter(pk=ticket.pk).update(category=category)
        ticket.refresh_from_db()
    return row


def wrote(ticket: Ticket, days_ago: int = 0) -> Message:
    at = timezone.now() - timedelta(days=days_ago)
    return ticket.messages.create(kind=Message.Kind.CUSTOMER, text="And?", created_at=at)


def section(client: Client, ticket: Ticket) -> str:
    answer = client.get(reverse("copilot:triage", args=[ticket.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def words(page: str) -> str:
    """The text of a page as it is read."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def correct(client: Client, ticket: Ticket, **fields: Any) -> Any:
    return client.post(reverse("copilot:triage_correct", args=[ticket.pk]), fields)


def pressed(client: Client, ticket: Ticket) -> list[str]:
    """What is marked in the list of categories."""
    form = client.get(reverse("copilot:triage_correct", args=[ticket.pk])).content.decode()
    return re.findall(r'data-category="(\w+)" aria-pressed="true"', form)


# --- the section -------------------------------------------------------------------------------


def test_each_judgement_has_its_words(desk: Client, judged: Triage) -> None:
    page = section(desk, judged.message.ticket)
    assert "Category Judged by the model: Billing 82% · “two charges of 49.90 on my card”" in words(page)
    assert "Sentiment Judged by the model: Negative" in words(page)
    assert "Urgency Judged by the model: 4 of 5 “before Friday”" in words(page)
    assert page.count("chip-ai") == 3
    assert "please check" not in page and "take over" not in page and "corrected" not in page


def test_a_category_that_is_not_sure_asks_to_be_checked(desk: Client, ticket: Ticket, classifier: TriageModel) -> None:
    judge(ticket, confidence=0.55)
    assert '<span class="chip chip-warn">55% · please check</span>' in section(desk, ticket)


def test_none_of_the_categories(desk: Client, ticket: Ticket, classifier: TriageModel) -> None:
    judge(ticket, category=None, because={})
    assert "Judged by the model: None of the categories 82% Sentiment" in words(section(desk, ticket))


def test_before_it_is_classified_and_without_a_classifier(desk: Client, ticket: Ticket, settings: Any) -> None:
    TriageModel.objects.create(file=b"", sha256="", embedder="another", activated_at=timezone.now())
    settings.EMBEDDING_MODEL = "fake"
    assert "No classifier is trained yet; signals are found by rules." in section(desk, ticket)
    TriageModel.objects.create(file=b"", sha256="", embedder="fake", activated_at=timezone.now())
    assert words(section(desk, ticket)) == "Not classified yet"


def test_signals_without_a_classifier(desk: Client, ticket: Ticket) -> None:
    row = {"sentiment": "", "urgency": None, "confidence": None, "because": {}, "escalate": True}
    judge(ticket, category=None, signals=[["legal_threat", "my lawyer"], ["human", ""]], **row)
    page = section(desk, ticket)
    assert words(page) == (
        "No classifier is trained yet; signals are found by rules. "
        "Escalate? Sensitive signal: Legal threat · The customer asks for a person "
        "Legal threat “my lawyer” Asks for a person"
    )
    assert page.count("chip-bad") == 2 and "chip-ai" not in page


def test_every_signal_has_a_plain_name() -> None:
    assert set(wording.SIGNALS) == set(Kind)
    assert [wording.signal(each) for each in (Kind.SELF_HARM, "gone_since")] == ["Self-harm", "gone since"]


def test_a_signal_stays_when_the_customer_writes_again(desk: Client, judged: Triage) -> None:
    ticket = judged.message.ticket
    Triage.objects.filter(pk=judged.pk).update(signals=[["churn", "we will cancel"]])
    judge(ticket, wrote(ticket), signals=[["human", "a real person"]])
    page = words(section(desk, ticket))
    assert "Escalate? The customer asks for a person · Urgency: 4 of 5 Asks for a person “a real person”" in page
    assert "Wants to leave “we will cancel”" in page


def test_a_person_should_take_over_although_no_rule_found_a_signal(desk: Client, judged: Triage) -> None:
    Triage.objects.update(escalate=True)
    assert "A person should take over estimated by the model" in words(section(desk, judged.message.ticket))


def test_quoted_words_have_their_real_values_again(desk: Client, ticket: Ticket, classifier: TriageModel) -> None:
    values.add(ticket.pk, {"PERSON_1": "Greta Holm"})
    because = {"category": "<NAME> paid for <PERSON_1> twice", "urgency": "<EMAIL_9> waits"}
    judge(ticket, because=because, signals=[["staff_complaint", "<PERSON_1> was rude"]])
    page = words(section(desk, ticket))
    assert "“Tomas paid for Greta Holm twice”" in page and "“Greta Holm was rude”" in page
    assert "“<EMAIL_9> waits”" in page  # nobody knows it
    assert MaskedValue.objects.count() == 1


def test_long_words_are_cut(desk: Client, ticket: Ticket, classifier: TriageModel) -> None:
    judge(ticket, because={"category": "word " * 60})
    quoted = re.search("“(word[^”]*)”", section(desk, ticket))
    assert quoted and len(quoted[1]) <= 90 and quoted[1].endswith("word…")


def test_the_customers_earlier_messages_on_any_ticket(desk: Client, ticket: Ticket, classifier: TriageModel) -> None:
    other = cast.new_ticket(created_at=timezone.now() - timedelta(days=9))
    stranger = cast.new_ticket(cast.lena(), created_at=timezone.now() - timedelta(days=9))
    for days, sentiment in enumerate(["neutral", "", "positive", "urgent", "neutral", "positive", "urgent"], start=1):
        judge(other, wrote(other, days), sentiment=sentiment)
    judge(stranger, sentiment="negative")
    judge(ticket)
    later = wrote(other)
    judge(other, later, sentiment="positive")
    assert "before: positive, neutral, urgent, positive, neutral" in section(desk, ticket)


def test_the_first_message_decides_the_category_and_the_latest_one_the_tone(desk: Client, judged: Triage) -> None:
    ticket = judged.message.ticket
    judge(ticket, wrote(ticket), category="technical", sentiment="urgent", urgency=5, because={"urgency": "today"})
    page = words(section(desk, ticket))
    assert "Billing 82% · “two charges" in page and "Technical" not in page
    assert "Urgent before: negative" in page and "5 of 5 “today”" in page


def test_a_long_ticket_costs_no_more_queries(
    desk: Client, ticket: Ticket, classifier: TriageModel, django_assert_num_queries: Any
) -> None:
    values.add(ticket.pk, {"PERSON_1": "Greta Holm"})
    judge(ticket, because={"category": "for <PERSON_1>"})
    correct(desk, ticket, category="technical")
    for _ in range(12):
        judge(ticket, wrote(ticket), signals=[["human", "a person"]], category="account")
    # session, user, ticket, triages, signals, route, masked values, who chose it, earlier messages, classifier; and for
    # the advice to escalate: routing rules, ticket, messages, drafts, latest of the customer, escalation, rules
    with django_assert_num_queries(17):
        section(desk, ticket)


# --- corrections -------------------------------------------------------------------------------


def test_the_form_names_the_categories_and_marks_the_one_it_has(desk: Client, judged: Triage) -> None:
    ticket = judged.message.ticket
    Category.objects.filter(slug="complaint").update(active=False)
    form = desk.get(reverse("copilot:triage_correct", args=[ticket.pk])).content.decode()
    slugs = ["billing", "technical", "account", "product_question", "feature_request", "none"]
    assert re.findall(r'data-category="(\w+)"', form) == slugs
    assert re.findall(r'data-key="(\w+)"', form) == list("123456")
    assert "Invoices, payments, refunds" in form
    assert pressed(desk, ticket) == ["billing"]
    assert re.findall(r'value="(\w+)" selected', form) == ["negative", "4"]


def test_only_nine_have_a_key(desk: Client, ticket: Ticket) -> None:
    Category.objects.bulk_create(Category(slug=f"own{number}", name=f"Own {number}") for number in range(6))
    form = desk.get(reverse("copilot:triage_correct", args=[ticket.pk])).content.decode()
    assert len(re.findall("data-category=", form)) == 13
    assert re.findall(r'data-key="(\w+)"', form) == list("123456789")
    assert pressed(desk, ticket) == []  # not classified yet: not even "none of these"


def test_a_category_is_corrected(desk: Client, judged: Triage, announced: list[Any], on_commit: Callable) -> None:
    ticket = judged.message.ticket
    with on_commit():
        answer = correct(desk, ticket, category="technical")
    assert answer.json() == {"category": "Technical", "was": "billing", "decided": False, "changed": True}
    ticket.refresh_from_db()
    judged.refresh_from_db()
    assert (ticket.category_id, judged.category_id, judged.said["category"]) == ("technical", "technical", "billing")
    page = section(desk, ticket)
    assert "Category Technical corrected by Mira Lindqvist · now Sentiment" in words(page)
    assert page.count("chip-ai") == 2
    event = ticket.events.get(kind=TicketEvent.Kind.CATEGORY)
    assert sentence(event) == "Category: Technical, before: Billing"
    parts = [part for event in announced for part in event.get("parts", ())]
    assert {"triage", "header", "timeline", "queue"} <= set(parts)


def test_undoing_gives_the_former_category_back(desk: Client, judged: Triage) -> None:
    ticket = judged.message.ticket
    was = correct(desk, ticket, category="technical").json()["was"]
    assert correct(desk, ticket, category=was, was="technical", forget="on").status_code == 200
    ticket.refresh_from_db()
    assert ticket.category_id == "billing"
    assert "Mira Lindqvist" not in section(desk, ticket)  # as if nobody had decided


def test_undoing_does_not_change_what_a_colleague_chose_since(desk: Client, judged: Triage) -> None:
    ticket = judged.message.ticket
    correct(desk, ticket, category="technical")
    correct(desk, ticket, category="account")
    answer = correct(desk, ticket, category="billing", was="technical")
    assert answer.status_code == 409 and "since" in answer.json()["error"]
    ticket.refresh_from_db()
    assert ticket.category_id == "account"


def test_none_of_these(desk: Client, judged: Triage) -> None:
    ticket = judged.message.ticket
    assert correct(desk, ticket, category="none").json()["category"] == "none of these"
    ticket.refresh_from_db()
    assert ticket.category is None
    assert "None of the categories corrected by Mira Lindqvist" in words(section(desk, ticket))
    assert pressed(desk, ticket) == ["none"]
    assert correct(desk, ticket, category="billing", was="none").json()["was"] == "none"


def test_none_of_these_although_a_later_message_has_a_category(desk: Client, judged: Triage) -> None:
    ticket = judged.message.ticket
    judge(ticket, wrote(ticket), category="technical")
    correct(desk, ticket, category="none")
    assert "None of the categories corrected by Mira Lindqvist" in words(section(desk, ticket))


def test_the_same_category_again_confirms_it(desk: Client, judged: Triage) -> None:
    ticket = judged.message.ticket
    assert correct(desk, ticket, category="billing").json()["changed"] is False
    assert "Billing confirmed by Mira Lindqvist" in words(section(desk, ticket))
    assert not ticket.events.filter(kind=TicketEvent.Kind.CATEGORY).exists()


def test_a_former_category_that_is_no_longer_active_is_not_offered_as_undo(desk: Client, judged: Triage) -> None:
    Category.objects.filter(slug="billing").update(active=False)
    assert correct(desk, judged.message.ticket, category="technical").json()["was"] is None


def test_a_ticket_that_nothing_has_classified(desk: Client, ticket: Ticket) -> None:
    assert correct(desk, ticket, category="account").json() == {
        "category": "Account",
        "was": "none",
        "decided": False,
        "changed": True,
    }
    assert words(section(desk, ticket)).startswith("Category Account corrected by Mira Lindqvist")


def test_sentiment_and_urgency_are_corrected(desk: Client, judged: Triage) -> None:
    ticket = judged.message.ticket
    assert correct(desk, ticket, sentiment="neutral").json() == {"sentiment": "Neutral"}
    page = words(section(desk, ticket))
    assert "Judged by the model: Billing 82%" in page  # nobody has said anything about it
    assert "Sentiment Neutral corrected by Mira Lindqvist" in page and "Judged by the model: 4 of 5" in page
    assert correct(desk, ticket, sentiment="urgent", urgency="5").json() == {"sentiment": "Urgent", "urgency": "5 of 5"}
    page = words(section(desk, ticket))
    assert "5 of 5 corrected by Mira Lindqvist" in page and "before Friday" not in page
    judged.refresh_from_db()
    assert (judged.sentiment, judged.urgency, judged.said["urgency"]) == ("urgent", 5, 4)


def test_the_tone_of_a_ticket_that_nothing_has_classified(desk: Client, ticket: Ticket) -> None:
    correct(desk, ticket, urgency="2")
    page = words(section(desk, ticket))
    assert page.startswith("Category No classifier is trained yet") and "2 of 5 corrected by Mira Lindqvist" in page


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "Choose a category, a sentiment or an urgency."),
        ({"category": ""}, "Choose a category, a sentiment or an urgency."),
        ({"category": "refunds"}, "Choose one of the categories of the list."),
        ({"category": "complaint"}, "Choose one of the categories of the list."),
        ({"category": "billing", "sentiment": "furious"}, "Choose one of the sentiments of the list."),
        ({"urgency": "6"}, "The urgency is a whole number from 1 to 5."),
        ({"urgency": "²"}, "The urgency is a whole number from 1 to 5."),
    ],
)
def test_wrong_values_change_nothing(desk: Client, judged: Triage, fields: dict[str, str], error: str) -> None:
    Category.objects.filter(slug="complaint").update(active=False)
    answer = correct(desk, judged.message.ticket, **fields)
    assert (answer.status_code, answer.json()["error"]) == (422, error)
    judged.refresh_from_db()
    assert judged.corrected_at is None


def test_without_a_message_from_the_customer_there_is_nothing_to_correct(desk: Client, ticket: Ticket) -> None:
    ticket.messages.all().delete()
    for answer in (
        correct(desk, ticket, category="billing"),
        correct(desk, ticket, urgency="2"),
        desk.get(reverse("copilot:triage_correct", args=[ticket.pk])),
    ):
        assert (answer.status_code, "no message from the customer" in answer.json()["error"]) == (422, True)
    ticket.refresh_from_db()
    assert ticket.category is None


@pytest.mark.parametrize("who", ["otto", "ken"])
def test_who_does_not_work_on_tickets_is_refused(client: Client, judged: Triage, who: str) -> None:
    client.force_login(getattr(cast, who)())
    ticket = judged.message.ticket
    assert client.get(reverse("copilot:triage", args=[ticket.pk])).status_code == 403
    assert correct(client, ticket, category="technical").status_code == 403
    ticket.refresh_from_db()
    assert ticket.category_id == "billing"


def test_in_german(desk: Client, mira: User, judged: Triage) -> None:
    User.objects.filter(pk=mira.pk).update(language="de")
    Triage.objects.update(signals=[["dispute", "chargeback"]], confidence=0.6)
    page = words(section(desk, judged.message.ticket))
    assert "Abrechnung 60 % · bitte prüfen „two charges" in page
    assert "4 von 5" in page and "Negativ" in page and "Zahlung" in page
    with translation.override("de"):
        answer = correct(desk, judged.message.ticket, category="none")
    assert answer.json()["category"] == "keine davon"
