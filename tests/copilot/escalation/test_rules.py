"""The rules of escalation as data, and which of them are in use."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from copilot.escalation.configuration import RULES, current
from copilot.escalation.rules import MOST_MINUTES, SHIPPED, SOON, TRIGGERS, Rules, from_json, to_json
from copilot.models import EscalationRules
from copilot.rule_sets import BadRules, Changed
from tickets.models import User

Stored = dict[str, Any]
OTHER = Rules(
    triggers=("human", "unsure"),
    attempts=3,
    sure=0.25,
    reply_within={4: 30, 3: 60, 2: 90, 1: 120},
    take_within={4: 5, 3: 10, 2: 15, 1: 20},
    teams={"legal_threat": 7, "signal": 8},
)


@pytest.mark.parametrize("rules", [SHIPPED, OTHER, replace(SHIPPED, triggers=())])
def test_what_is_stored_comes_back(rules: Rules) -> None:
    assert from_json(json.loads(json.dumps(to_json(rules)))) == rules


def test_the_shipped_rules() -> None:
    assert TRIGGERS == ("signal", "human", "attempts", "urgency", "waiting", "unsure")
    assert (SHIPPED.triggers, SHIPPED.attempts) == (TRIGGERS, 2)
    assert [SHIPPED.takes(priority) for priority in (4, 1)] == [timedelta(minutes=15), timedelta(hours=8)]
    assert SHIPPED.patience(4) == timedelta(minutes=45)
    assert SOON == 0.75  # the page says: less than a quarter of the time is left


def test_triggers_come_in_their_order_and_unknown_ones_are_dropped() -> None:
    assert from_json(to_json(SHIPPED) | {"triggers": ["unsure", "gone", "signal"]}).triggers == ("signal", "unsure")


def test_the_team_of_a_signal_goes_before_that_of_its_trigger() -> None:
    assert OTHER.team("signal", "legal_threat") == 7
    assert OTHER.team("signal", "churn") == OTHER.team("signal") == 8
    assert OTHER.team("unsure") == 0


def test_no_team_is_not_stored_and_signals_no_longer_known_stay() -> None:
    assert from_json(to_json(SHIPPED) | {"teams": {"gone": 3, "human": 0, "unsure": "4"}}).teams == {
        "gone": 3,
        "unsure": 4,
    }


WRONG: list[Callable[[Stored], Any]] = [
    lambda stored: [],
    lambda stored: None,
    lambda stored: {name: value for name, value in stored.items() if name != "attempts"},
    lambda stored: stored | {"triggers": None},
    lambda stored: stored | {"attempts": 0},
    lambda stored: stored | {"attempts": 10},
    lambda stored: stored | {"attempts": "many"},
    lambda stored: stored | {"sure": -0.1},
    lambda stored: stored | {"sure": 1.1},
    lambda stored: stored | {"sure": float("nan")},
    lambda stored: stored | {"reply_within": {"4": 60}},
    lambda stored: stored | {"reply_within": []},
    lambda stored: stored | {"take_within": stored["take_within"] | {"1": 0}},
    lambda stored: stored | {"take_within": stored["take_within"] | {"1": MOST_MINUTES + 1}},
    lambda stored: stored | {"teams": []},
    lambda stored: stored | {"teams": {"human": "x"}},
]


@pytest.mark.parametrize("change", WRONG)
def test_what_cannot_be_rules(change: Callable[[Stored], Any]) -> None:
    with pytest.raises(BadRules):
        from_json(change(to_json(SHIPPED)))


@pytest.mark.django_db
class TestConfiguration:
    def test_until_somebody_saves_the_shipped_rules_are_in_use(self) -> None:
        assert current() == (0, SHIPPED)

    def test_saving_adds_a_version(self, rosa: User) -> None:
        first = RULES.save(OTHER, 0, note="Fewer", by=rosa)
        second = RULES.save(SHIPPED, first.pk)
        assert current() == (second.pk, SHIPPED) and RULES.numbered(first.pk) == OTHER
        assert [(each.place, each.note, each.created_by) for each in EscalationRules.objects.all()] == [
            (2, "", None),
            (1, "Fewer", rosa),
        ]

    def test_somebody_else_was_faster(self) -> None:
        RULES.save(OTHER, 0)
        with pytest.raises(Changed):
            RULES.save(SHIPPED, 0)

    def test_impossible_rules_are_not_saved(self) -> None:
        with pytest.raises(BadRules):
            RULES.save(replace(SHIPPED, attempts=0), 0)
        assert not EscalationRules.objects.exists()

    def test_a_version_that_cannot_be_read_does_not_count(self) -> None:
        first = RULES.save(OTHER, 0)
        broken = EscalationRules.objects.create(rules={"attempts": 2}, place=2)
        assert current() == (first.pk, OTHER) and RULES.numbered(broken.pk) is None
