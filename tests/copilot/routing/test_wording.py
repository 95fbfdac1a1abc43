"""What a route says: a sentence for every rule, and what limits the copilot."""

from typing import Any

import pytest
from django.utils import translation

from copilot.models import Route
from copilot.routing import wording
from copilot.routing.deciding import PERSON_NOW, RouteInput, Rule, decide
from copilot.routing.rules import SHIPPED, Rules

pytestmark = pytest.mark.django_db

MATRIX = {"row": "negative", "column": "billing", "category": "billing"}
SENTENCES: list[tuple[Rule, dict[str, Any], str]] = [
    (
        Rule.SIGNAL,
        {"signal": "legal_threat", "words": "my lawyer\n will write"},
        "Rule 1: the sensitive signal “Legal threat”: “my lawyer will write”",
    ),
    (Rule.SIGNAL, {"signal": "human", "words": ""}, "Rule 1: the sensitive signal “Asks for a person”"),
    (
        Rule.SIGNAL,
        {"signal": "refund", "words": "100% of it back"},
        "Rule 1: the request “Wants money back”: “100% of it back”",
    ),
    (Rule.CATEGORY, {"category": "complaint"}, "Rule 1: the category Complaint always goes to a person"),
    (Rule.TIER, {"tier": "enterprise"}, "Rule 2: the customer’s tier is Enterprise"),
    (Rule.TIER, {"tier": "gone"}, "Rule 2: the customer’s tier is gone"),
    (Rule.URGENCY, {"urgency": 4}, "Rule 3: the urgency is 4 of 5"),
    (
        Rule.UNSURE,
        {"category": "billing", "confidence": 0.55, "least": 0.7},
        "Rule 4: the category Billing is 55% certain, and 70% are needed",
    ),
    (
        Rule.UNSURE,
        {"category": "", "confidence": 0, "least": 0.7},
        "Rule 4: the message is not classified yet, so its category is not certain",
    ),
    (
        Rule.MATRIX,
        MATRIX | {"sentiment": "negative", "urgency": 3},
        "Rule 5: the matrix, Billing and negative, urgency 3",
    ),
    (
        Rule.MATRIX,
        MATRIX | {"column": "*", "sentiment": "negative", "urgency": None},
        "Rule 5: the matrix, other categories and negative",
    ),
    (
        Rule.MATRIX,
        MATRIX | {"column": "gone", "sentiment": "", "urgency": None},
        "Rule 5: the matrix, gone and negative, or urgency 4",
    ),
]


@pytest.mark.parametrize(("rule", "because", "said"), SENTENCES, ids=[said[:40] for _, _, said in SENTENCES])
def test_each_rule_says_what_it_looked_at(rule: Rule, because: dict[str, Any], said: str) -> None:
    assert wording.sentence(Route.Handling.HUMAN_NOW, {"rule": int(rule), **because}) == said


def test_every_rule_is_tried_here_and_an_unknown_one_says_nothing() -> None:
    assert {rule for rule, _, _ in SENTENCES} == set(Rule)
    assert wording.sentence(Route.Handling.AI_ONLY, {"rule": 99}) == wording.sentence(Route.Handling.AI_ONLY, {}) == ""


@pytest.mark.parametrize(
    ("may", "by", "said"),
    [
        ("draft", "", ""),
        ("nothing", PERSON_NOW, "A person answers this one, so there is no draft."),
        ("nothing", "access", "Cannot get in: the copilot writes no draft."),
        (
            "policy",
            "refund",
            "Wants money back: you decide. The copilot shows what the articles say and writes no draft.",
        ),
        ("own_words", "billing", "Billing: only the sources’ own words."),
        ("own_words", "*", "Other categories: only the sources’ own words."),
        ("next_step", "technical", "Technical: a draft of the next step that asks whether it helped."),
    ],
)
def test_what_limits_the_copilot(may: str, by: str, said: str) -> None:
    assert wording.limit(may, {"limit": by}) == said


DECIDED = [
    RouteInput("billing", 0.9, "neutral", 3, (("dispute", "chargeback"),)),
    RouteInput("billing", 0.9, "neutral", 3, (("refund", "my money back"),)),
    RouteInput("complaint", 0.9, "neutral", 3),
    RouteInput("billing", 0.9, "neutral", 3, tier="enterprise"),
    RouteInput("technical", 0.9, "neutral", 4),
    RouteInput("technical", 0.5, "neutral", 3),
    RouteInput(),
]


@pytest.mark.parametrize("given", DECIDED)
@pytest.mark.parametrize("language", ["en", "de"])
def test_what_is_decided_can_be_said(given: RouteInput, language: str) -> None:
    rules = Rules(**(vars(SHIPPED) | {"categories": ("complaint",)}))
    routed = decide(given, rules)
    with translation.override(language):
        said = [wording.sentence(routed.handling, routed.because), wording.limit(routed.may, routed.because)]
    assert said[0] and not any("%(" in each for each in said)
    assert bool(said[1]) is bool(routed.because["limit"])
