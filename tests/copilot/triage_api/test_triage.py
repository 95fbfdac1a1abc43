"""What POST /api/triage says of a message: the same as an agent of this desk would see."""

import re
from dataclasses import replace

import pytest

from copilot.models import ModelCall, Preparation, Route, Triage
from copilot.preparation import pipeline, steps
from copilot.routing import configuration
from copilot.routing.rules import SHIPPED
from tests import cast
from tests.copilot.triage_api.conftest import ANGRY, Caller
from tickets.models import Message, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("classifier")]


def test_everything_that_the_issue_names(caller: Caller) -> None:
    found = caller.triage("Card", ANGRY, id="8412")
    assert (found["id"], found["category"], found["sentiment"]) == ("8412", "billing", "negative")
    assert 0.5 < found["confidence"] <= 1 and found["urgency"] == 5 and found["urgency_level"] == "high"
    assert found["escalation_risk"] is True and found["should_escalate"] is True
    assert found["handling"] == "human_now" and found["language"] == "en"


def test_a_calm_message_is_not_escalated(caller: Caller) -> None:
    found = caller.triage("", "My card and the payment, could you please look at it")
    assert (found["escalation_risk"], found["should_escalate"], found["signals"]) == (False, False, [])
    assert found["urgency_level"] == "low"


def test_none_of_the_categories_is_null(caller: Caller) -> None:
    assert caller.triage("", "My weather and the recipe, could you please look at it")["category"] is None


def test_the_reason_quotes_the_words_and_names_the_rule(caller: Caller) -> None:
    assert re.fullmatch(
        r"Billing, \d+% certain: “My card and the payment are wrong”\. "
        r"Urgency 5 of 5: “this is urgent and terrible”\. Rule 5: .*\.",
        caller.triage("", ANGRY)["reason"],
    )


def test_the_reason_is_in_the_language_that_is_asked_for(caller: Caller) -> None:
    answer = caller.post("/api/triage", {"body": ANGRY}, **{"Accept-Language": "de-DE,de;q=0.9"})
    assert "Regel " in answer.json()["reason"]


def test_a_sensitive_signal_always_escalates(caller: Caller) -> None:
    found = caller.triage("", "My card and the payment. My lawyer will contact you.")
    assert found["should_escalate"] and [each["kind"] for each in found["signals"]] == ["legal_threat"]
    assert "lawyer" in found["signals"][0]["words"] and "“Legal threat”" in found["reason"]


def test_the_customers_tier_counts(caller: Caller) -> None:
    calm = "My password and the login, could you please look at it"
    said = [caller.triage("", calm, customer={"tier": tier})["handling"] for tier in ("free", "enterprise")]
    assert said == ["ai_only", "ai_and_human"]


def test_the_rules_that_a_lead_saved_count(caller: Caller) -> None:
    configuration.save(replace(SHIPPED, categories=("billing",)), 0)
    found = caller.triage("", "My card and the payment, could you please look at it")
    assert found["should_escalate"] and "Rule 1: the category Billing always goes to a person" in found["reason"]


def test_a_quoted_mail_and_a_signature_do_not_count(caller: Caller) -> None:
    said = "My password and the login, could you please look at it"
    quoted = f"{said}\n\nOn 1 May 2026, Support wrote:\n> My lawyer will contact you about the invoice and the refund."
    assert caller.triage("", quoted)["reason"] == caller.triage("", said)["reason"]


def test_a_body_of_html_is_read_as_text(caller: Caller) -> None:
    found = caller.triage("", f"<style>invoice</style><p>{ANGRY}</p>", format="html")
    assert found["category"] == "billing" and "<" not in found["reason"]


def test_it_is_what_the_desk_itself_says(caller: Caller) -> None:
    """The same steps: a ticket with these words is triaged and routed alike."""
    message = cast.new_ticket(cast.lena(), "Card", ANGRY).messages.get()
    made = pipeline.run(steps.facts_of(message), steps=steps.STEPS[:4]).outcomes
    found = caller.triage("Card", ANGRY, customer={"name": "Lena Haas", "email": "lena@haas.example"})
    triaged, routed = made["triage"], made["route"]
    assert found["category"] == triaged.category and found["confidence"] == triaged.confidence
    assert (found["sentiment"], found["urgency"]) == (triaged.sentiment, triaged.urgency)
    assert (found["escalation_risk"], found["handling"]) == (triaged.escalate, routed.handling)


def test_nothing_is_stored(caller: Caller) -> None:
    caller.triage("Card", ANGRY)
    for model in (Ticket, Message, Triage, Route, Preparation, ModelCall):
        assert not model.objects.exists(), model


def test_the_caller_reads_its_own_words_again(caller: Caller) -> None:
    """Masked for the classifier, with the values put back in what is quoted."""
    said = "Call +49 30 901820 about my card and the payment, this is urgent and terrible, fix it now"
    assert "<PHONE" not in caller.triage("", said)["reason"]
