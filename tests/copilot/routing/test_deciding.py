"""The rules of PRODUCT.md, §5: which of them decides, and what the copilot may prepare."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.models import Route
from copilot.routing.deciding import STRICTNESS, Routed, RouteInput, Rule, decide, wanted
from copilot.routing.rules import OTHERS, SHIPPED, BadRules, Rules, TeamRule, from_json, to_json
from copilot.triage.signals import SENSITIVE, Kind

Handling, May = Route.Handling, Route.May
CALM = RouteInput(category="technical", confidence=0.9, sentiment="neutral", urgency=3, tier="paid", language="en")
LAWYER = (Kind.LEGAL_THREAT.value, "my lawyer will contact you")


def routed(rules: Rules = SHIPPED, **fields: Any) -> Routed:
    return decide(replace(CALM, **fields), rules)


def rule_of(found: Routed) -> int:
    return int(found.because["rule"])


class TestOneRuleAfterTheOther:
    @pytest.mark.parametrize("kind", sorted(SENSITIVE - {Kind.CHURN}))
    def test_a_sensitive_signal_needs_a_person_now(self, kind: str) -> None:
        found = routed(signals=((kind, "their words"),))
        assert (found.handling, found.may, rule_of(found)) == (Handling.HUMAN_NOW, May.NOTHING, Rule.SIGNAL)
        assert found.because["signal"] == kind and found.because["words"] == "their words"

    def test_who_wants_to_leave_gets_a_person_with_a_draft(self) -> None:
        found = routed(signals=((Kind.CHURN.value, "cancel"),))
        assert (found.handling, found.drafted, rule_of(found)) == (Handling.AI_AND_HUMAN, True, Rule.SIGNAL)

    def test_of_several_signals_the_strictest_counts(self) -> None:
        found = routed(signals=((Kind.CHURN.value, "cancel"), LAWYER))
        assert (found.handling, found.because["signal"]) == (Handling.HUMAN_NOW, Kind.LEGAL_THREAT)

    def test_a_category_can_always_go_to_a_person(self) -> None:
        found = routed(replace(SHIPPED, categories=("technical",)))
        assert (found.handling, rule_of(found)) == (Handling.HUMAN_NOW, Rule.CATEGORY)

    def test_enterprise_gets_a_person_with_a_draft_at_least(self) -> None:
        found = routed(tier="enterprise")
        assert (found.handling, rule_of(found)) == (Handling.AI_AND_HUMAN, Rule.TIER)
        worse = routed(tier="enterprise", urgency=5)
        assert (worse.handling, rule_of(worse)) == (Handling.HUMAN_NOW, Rule.MATRIX)

    def test_from_urgency_4_on_the_copilot_never_answers_alone(self) -> None:
        found = routed(category="product_question", urgency=4)
        assert (found.handling, rule_of(found)) == (Handling.AI_AND_HUMAN, Rule.URGENCY)
        assert routed(replace(SHIPPED, urgency=6), category="product_question", urgency=4).handling == Handling.AI_ONLY

    def test_a_category_that_is_not_certain_needs_a_person_with_a_draft(self) -> None:
        assert routed(confidence=0.7).handling == Handling.AI_ONLY
        found = routed(confidence=0.69)
        assert (found.handling, rule_of(found), found.because["least"]) == (Handling.AI_AND_HUMAN, Rule.UNSURE, 0.7)

    def test_each_category_can_have_a_threshold_of_its_own(self) -> None:
        rules = replace(SHIPPED, thresholds={OTHERS: 0.7, "technical": 0.5})
        assert routed(rules, confidence=0.55).handling == Handling.AI_ONLY
        assert routed(rules, category="account", confidence=0.55).handling == Handling.AI_AND_HUMAN

    def test_a_message_that_nothing_has_classified_needs_a_person_with_a_draft(self) -> None:
        found = decide(RouteInput(), SHIPPED)
        assert (found.handling, found.may, rule_of(found)) == (Handling.AI_AND_HUMAN, May.DRAFT, Rule.UNSURE)


MATRIX = """
    urgent   5  human_now    human_now    human_now    ai_and_human human_now
    negative 4  ai_and_human ai_and_human ai_and_human ai_only      ai_and_human
    neutral  3  ai_only      ai_only      ai_only      ai_only      ai_and_human
    positive 2  ai_only      ai_only      ai_only      ai_only      ai_and_human
    positive 1  ai_only      ai_only      ai_only      ai_only      ai_and_human
"""
COLUMNS = ("billing", "technical", "account", "product_question", "complaint")


class TestTheMatrix:
    CELLS = [
        (row.split()[0], int(row.split()[1]), column, cell)
        for row in MATRIX.strip().splitlines()
        for column, cell in zip(COLUMNS, row.split()[2:], strict=True)
    ]

    @pytest.mark.parametrize(("sentiment", "urgency", "category", "handling"), CELLS)
    def test_it_is_the_one_of_the_product(self, sentiment: str, urgency: int, category: str, handling: str) -> None:
        rules = replace(SHIPPED, urgency=6)
        by_sentiment = routed(rules, sentiment=sentiment, urgency=None, category=category)
        by_urgency = routed(rules, sentiment="", urgency=urgency, category=category)
        assert (by_sentiment.handling, by_urgency.handling) == (handling, handling)

    def test_the_stricter_of_sentiment_and_urgency_counts(self) -> None:
        assert routed(sentiment="positive", urgency=5).because["row"] == "urgent"
        assert routed(sentiment="urgent", urgency=1).because["row"] == "urgent"
        assert routed(sentiment="positive", urgency=3).because["row"] == "neutral"

    def test_a_category_that_is_not_certain_has_the_column_of_all_others(self) -> None:
        unsure = routed(category="product_question", confidence=0.4, sentiment="urgent")
        assert (unsure.handling, unsure.because["column"]) == (Handling.HUMAN_NOW, OTHERS)

    def test_a_new_category_and_none_have_the_column_of_all_others(self) -> None:
        assert routed(category="partners").handling == routed(category="").handling == Handling.AI_AND_HUMAN


class TestWhatTheCopilotMayPrepare:
    @pytest.mark.parametrize(
        ("fields", "may", "limit"),
        [
            ({"category": "product_question"}, May.DRAFT, ""),
            ({"category": "billing"}, May.OWN_WORDS, "billing"),
            ({"category": "technical"}, May.NEXT_STEP, "technical"),
            ({"signals": (("refund", "my money back"),)}, May.POLICY, "refund"),
            ({"category": "billing", "signals": (("refund", "my money back"),)}, May.POLICY, "refund"),
            ({"signals": (("access", "locked out"),)}, May.NOTHING, "access"),
            ({"signals": (("refund", "money"), ("access", "locked out"))}, May.NOTHING, "access"),
            ({"signals": (LAWYER, ("refund", "money"))}, May.NOTHING, "person_now"),
            ({"sentiment": "urgent"}, May.NOTHING, "person_now"),
        ],
    )
    def test_by_what_the_message_is(self, fields: dict[str, Any], may: str, limit: str) -> None:
        found = routed(**fields)
        assert (found.may, found.because["limit"]) == (may, limit)
        assert found.drafted is (may in (May.DRAFT, May.NEXT_STEP, May.OWN_WORDS))

    def test_a_lawyer_after_a_wrong_charge_never_ends_in_a_draft(self) -> None:
        for category, confidence in (("billing", 0.99), ("product_question", 0.99), ("", 0.0)):
            found = routed(category=category, confidence=confidence, sentiment="positive", urgency=1, signals=(LAWYER,))
            assert not found.drafted


class TestTeams:
    RULES = replace(
        SHIPPED,
        teams=(TeamRule("billing", "de", 1), TeamRule("billing", "", 2), TeamRule("", "de", 3), TeamRule("", "", 4)),
    )

    @pytest.mark.parametrize(
        ("category", "language", "team"),
        [("billing", "de", 1), ("billing", "fr", 2), ("technical", "de", 3), ("technical", "fr", 4), ("", "", 4)],
    )
    def test_the_most_specific_rule_counts(self, category: str, language: str, team: int) -> None:
        assert routed(self.RULES, category=category, language=language).team == team

    def test_without_rules_there_is_none(self) -> None:
        assert routed().team == 0


class TestAsData:
    def test_what_is_stored_is_what_is_read(self) -> None:
        rules = replace(SHIPPED, teams=(TeamRule("billing", "de", 1),), categories=("complaint",))
        assert from_json(to_json(rules)) == rules

    @pytest.mark.parametrize(
        "spoilt",
        [
            {"urgency": 9},
            {"urgency": "soon"},
            {"thresholds": {"billing": 0.5}},
            {"thresholds": {OTHERS: 1.5}},
            {"thresholds": {OTHERS: float("nan")}},
            {"signals": {"legal_threat": "maybe"}},
            {"may": {"billing": "draft"}},
            {"matrix": {}},
            {"matrix": {row: {"billing": "ai_only"} for row in SHIPPED.matrix}},
            {"teams": [{"category": "", "language": "", "team": 1}] * 2},
            {"teams": [{"category": "", "language": "x" * 9, "team": 1}]},
            {"teams": "all"},
        ],
    )
    def test_what_makes_no_sense_is_refused(self, spoilt: dict[str, Any]) -> None:
        with pytest.raises(BadRules):
            from_json(to_json(SHIPPED) | spoilt)
        with pytest.raises(BadRules):
            from_json([spoilt])

    def test_rules_of_things_that_are_gone_stay_without_effect(self) -> None:
        stored = to_json(SHIPPED)
        stored["signals"] = stored["signals"] | {"bad_weather": "human_now"}
        assert from_json(stored).signals["bad_weather"] == Handling.HUMAN_NOW


INPUTS = st.builds(
    RouteInput,
    category=st.sampled_from([*COLUMNS, "partners", ""]),
    confidence=st.floats(0, 1),
    sentiment=st.sampled_from(["", "positive", "neutral", "negative", "urgent"]),
    urgency=st.sampled_from([None, 1, 2, 3, 4, 5]),
    signals=st.lists(st.tuples(st.sampled_from([*Kind, "unknown"]), st.text(max_size=9)), max_size=3).map(tuple),
    tier=st.sampled_from(["free", "paid", "enterprise", ""]),
    language=st.sampled_from(["", "en", "de"]),
)


@given(INPUTS)
def test_the_strictest_rule_decides_and_the_first_of_those_is_named(message: RouteInput) -> None:
    found, rulings = decide(message, SHIPPED), wanted(message, SHIPPED)
    assert STRICTNESS[found.handling] == max(STRICTNESS[each.handling] for each in rulings)
    first = next(each for each in rulings if each.handling == found.handling)
    assert rule_of(found) == first.rule
    assert not (found.handling == Handling.HUMAN_NOW and found.drafted)


@given(INPUTS)
def test_more_signals_never_make_a_message_less_strict(message: RouteInput) -> None:
    more = decide(replace(message, signals=(*message.signals, LAWYER)), SHIPPED)
    assert STRICTNESS[more.handling] >= STRICTNESS[decide(message, SHIPPED).handling]
    assert not more.drafted
