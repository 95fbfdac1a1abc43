"""Which rule decides, who handles a message, and what the copilot may do with it. Pure.

The rules of PRODUCT.md, §5 are asked in their order. Each wants at least so much of a person; the strictest counts, and
of equally strict ones the first is named as the one that decided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from copilot.models import Route
from copilot.routing.rules import OTHERS, ROWS, SHIPPED, Handling, May, Rules
from copilot.triage.signals import REQUESTS

STRICTNESS = {"": -1, **{each.value: place for place, each in enumerate(Handling)}}
MUCH = {each.value: place for place, each in enumerate(May)}
PERSON_NOW = "person_now"  # why nothing may be prepared


class Rule(IntEnum):
    """Numbered as on the page and in PRODUCT.md, §5; two rules are part of the first."""

    SIGNAL = 11
    CATEGORY = 12
    TIER = 20
    URGENCY = 30
    UNSURE = 40
    MATRIX = 50

    @property
    def number(self) -> int:
        return self // 10


@dataclass(frozen=True)
class RouteInput:
    """What is known of a message. `category`: "" for none. `confidence`: 1 if a person decided, 0 if nobody knows.

    `signals`: kind and words, also of the customer's earlier messages on the ticket, the newest first.
    """

    category: str = ""
    confidence: float = 0.0
    sentiment: str = ""
    urgency: int | None = None
    signals: tuple[tuple[str, str], ...] = ()
    tier: str = ""
    language: str = ""
    number: int = 0  # of the rules
    rules: Rules = field(default=SHIPPED, compare=False, repr=False)


@dataclass(frozen=True)
class Ruling:
    """What one rule wants, and what it looked at."""

    rule: Rule
    handling: str
    because: Mapping[str, Any]


@dataclass(frozen=True)
class Routed:
    """`because`: of the rule that decided: its number, what it looked at; `may` in it: what limits the copilot.

    `team`: an id, 0 if no rule names one. `number`: of the rules, 0 for the shipped ones.
    """

    handling: str
    may: str
    because: Mapping[str, Any]
    team: int = 0
    number: int = 0
    reason: str = ""

    @property
    def drafted(self) -> bool:
        return self.may in Route.DRAFTED


def decide(given: RouteInput, rules: Rules) -> Routed:
    rulings = wanted(given, rules)
    decided = max(rulings, key=lambda each: STRICTNESS[each.handling])  # the first of equally strict ones
    may, limit = limited(given, rules, decided.handling)
    because = {"rule": int(decided.rule), **decided.because, "limit": limit}
    reason = f"rule {decided.rule.number} ({decided.rule.name.lower()}): {decided.handling}; {may} by {limit or OTHERS}"
    team = rules.team(given.category, given.language)
    return Routed(decided.handling, may, because, team, given.number, reason)


def wanted(given: RouteInput, rules: Rules) -> Sequence[Ruling]:
    """What each rule wants that wants anything, in their order. The matrix always does."""
    asked = (_by_signal, _by_category, _by_tier, _by_urgency, _by_confidence, _by_matrix)
    rulings = (rule(given, rules) for rule in asked)
    return [each for each in rulings if each is not None]


def _by_signal(given: RouteInput, rules: Rules) -> Ruling | None:
    """The strictest of them."""
    wanted = [(rules.signals.get(kind, ""), kind, words) for kind, words in given.signals]
    handling, kind, words = max(wanted, key=lambda each: STRICTNESS[each[0]], default=("", "", ""))
    return Ruling(Rule.SIGNAL, handling, {"signal": kind, "words": words}) if handling else None


def _by_category(given: RouteInput, rules: Rules) -> Ruling | None:
    if not given.category or given.category not in rules.categories:
        return None
    return Ruling(Rule.CATEGORY, Handling.HUMAN_NOW, {"category": given.category})


def _by_tier(given: RouteInput, rules: Rules) -> Ruling | None:
    handling = rules.tiers.get(given.tier, "")
    return Ruling(Rule.TIER, handling, {"tier": given.tier}) if handling else None


def _by_urgency(given: RouteInput, rules: Rules) -> Ruling | None:
    if given.urgency is None or given.urgency < rules.urgency:
        return None
    return Ruling(Rule.URGENCY, Handling.AI_AND_HUMAN, {"urgency": given.urgency})


def _by_confidence(given: RouteInput, rules: Rules) -> Ruling | None:
    least = rules.threshold(given.category)
    if given.confidence >= least:
        return None
    seen = {"category": given.category, "confidence": given.confidence, "least": least}
    return Ruling(Rule.UNSURE, Handling.AI_AND_HUMAN, seen)


def _by_matrix(given: RouteInput, rules: Rules) -> Ruling:
    """A category that is not certain enough has the column of all others."""
    row, sure = row_of(given), given.confidence >= rules.threshold(given.category)
    column = given.category if sure and given.category in rules.matrix[row] else OTHERS
    seen = {"row": row, "column": column, "category": given.category, "urgency": given.urgency}
    return Ruling(Rule.MATRIX, rules.cell(row, column), seen | {"sentiment": given.sentiment})


def row_of(given: RouteInput) -> str:
    """The strictest row of its sentiment and its urgency; that of neutral messages if neither is known."""
    rows = (
        row
        for row, (sentiment, urgencies) in ROWS.items()
        if given.sentiment == sentiment or given.urgency in urgencies
    )
    return next(rows, "neutral")


def limited(given: RouteInput, rules: Rules, handling: str) -> tuple[str, str]:
    """What the copilot may prepare, and what limits it: PERSON_NOW, a request, a category, or "" for nothing."""
    if handling == Handling.HUMAN_NOW:
        return May.NOTHING, PERSON_NOW
    there = {kind for kind, _words in given.signals}
    subjects = [*(kind.value for kind in REQUESTS if kind.value in there), given.category or OTHERS]
    subject = min(subjects, key=lambda each: MUCH[rules.may_do(each)])
    may = rules.may_do(subject)
    return may, "" if may == May.DRAFT else subject
