"""What is said of one message, and which of its words show it."""

from functools import cache as once

import pytest

from copilot.triage import training
from copilot.triage.classifier import CATEGORY, URGENCY, Ready
from copilot.triage.examples import NO, YES, Example
from copilot.triage.judging import LONGEST, Triaged, TriageInput, by_signals, judge
from knowledge.index.embeddings import FakeEmbedder
from tests.copilot.triage.conftest import ABOUT, ANGRY, CALM, messages, small


def judged(asked: str, whole: str = "") -> Triaged:
    return judge(TriageInput(asked, whole or asked, True, 7), Ready(small().classifier, FakeEmbedder()), ABOUT)


class TestACalmMessage:
    triaged = judged(f"Hello. The invoice and the refund. {CALM}")

    def test_it_has_category_confidence_sentiment_and_urgency(self) -> None:
        assert (self.triaged.category, self.triaged.sentiment, self.triaged.urgency) == ("billing", "neutral", 2)
        assert 0.25 < (self.triaged.confidence or 0) <= 1 and not self.triaged.escalate and self.triaged.model == 7

    def test_it_quotes_the_words_that_put_it_there(self) -> None:
        assert dict(self.triaged.because) == {CATEGORY: "The invoice and the refund."}


def test_a_category_that_was_given_up_is_not_said() -> None:
    given = TriageInput("The invoice and the refund", "", True, 7)
    triaged = judge(given, Ready(small().classifier, FakeEmbedder()), {"account", "technical"})
    assert triaged.category != "billing" and (triaged.confidence or 0) < 1


def test_an_urgent_message_quotes_what_is_urgent_and_goes_to_a_person() -> None:
    triaged = judged(f"My password and the login. {ANGRY}")
    assert triaged.urgency == 5 and triaged.escalate and triaged.sentiment == "negative"
    assert dict(triaged.because)[URGENCY] == ANGRY


def test_out_of_scope_is_no_category_and_quotes_nothing() -> None:
    triaged = judged("The weather, a recipe and music")
    assert triaged.category == "" and CATEGORY not in dict(triaged.because)


def test_a_signal_is_found_in_the_whole_message_with_its_words() -> None:
    whole = f"The invoice and the refund. {CALM} " + "And so on. " * 200 + "My lawyer will contact you."
    triaged = judged("The invoice and the refund.", whole)
    [(kind, words)] = triaged.signals
    assert kind == "legal_threat" and words in whole and "lawyer" in words.lower() and triaged.escalate


def test_signals_need_no_classifier() -> None:
    triaged = by_signals(TriageInput("", "I want to talk to a human being.", False), "there is no classifier yet")
    assert [kind for kind, _ in triaged.signals] == ["human"] and triaged.escalate
    assert triaged.category == "" and triaged.confidence is None and triaged.model == 0


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "🎉", "?!", "a" * 3000, "<PERSON_1>", "请问发票在哪里？" * 200])
def test_wild_text_is_classified_too(text: str) -> None:
    triaged = judged(text, text)
    assert triaged.confidence is not None and triaged.urgency in range(1, 6)


def test_a_quote_is_short_and_stands_in_the_message() -> None:
    text = " ".join(["the invoice of the company that we never got from you at all"] * 5)
    quote = dict(judged(text, text).because)[CATEGORY]
    assert quote in text and len(quote.split()) <= LONGEST


@once
def asking() -> Ready:
    """It has learnt that who longs for coins asks for money back, in words that no list has."""
    shops = ("bakery", "garage", "theatre", "library", "harbour", "market", "museum", "orchard")
    longs = [f"I long for my coins from the {each}, number {'x' * place}." for place, each in enumerate(shops * 4)]
    asked = [Example(text, {"refund": YES, "access": NO}) for text in longs]
    others = [Example(each.text, each.labels | {"refund": NO, "access": NO}) for each in messages()]
    access = [Example(f"The gate of the {each} knows me not.", {"refund": NO, "access": YES}) for each in shops]
    return Ready(training.train([*asked, *others, *access * 2], FakeEmbedder()).classifier, FakeEmbedder())


class TestARequestThatNoWordsOfTheListShow:
    def asked(self, text: str) -> tuple[tuple[str, str], ...]:
        return judge(TriageInput(text, text, True, 7), asking(), ABOUT).signals

    def test_it_is_learnt_and_quoted_and_raises_no_alarm(self) -> None:
        text = "The screen is nice. I long for my coins from the bakery."
        assert self.asked(text) == (("refund", "I long for my coins from the bakery."),)
        assert not judge(TriageInput(text, text, True, 7), asking(), ABOUT).escalate

    def test_one_that_the_list_shows_is_there_once(self) -> None:
        text = "I long for my coins from the bakery. I want my money back."
        assert [kind for kind, _words in self.asked(text)] == ["refund"]

    def test_other_messages_have_none(self) -> None:
        assert self.asked(f"The invoice and the receipt. {CALM}") == ()

    def test_a_classifier_that_has_not_learnt_them_finds_none(self) -> None:
        assert judged("I long for my coins from the bakery.").signals == ()
