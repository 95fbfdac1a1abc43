"""Which reasons to escalate a ticket apply (PRODUCT.md, §9). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from copilot.escalation.rules import Reason, Rules
from copilot.triage.signals import Kind


@dataclass(frozen=True)
class Facts:
    """What is known of a ticket.

    `signals`: kind and masked words of those that the routing rules send to a person at once, the newest first.
    `urgency`: of the latest message, and the one from which the routing rules call it urgent. `attempts`: how often the
    customer wrote again after a reply, and not to thank. `waiting`: for how long the customer has been waiting for us.
    `no_source` and `confidence`: of the latest draft.
    """

    priority: int
    signals: tuple[tuple[str, str], ...] = ()
    urgency: int | None = None
    urgent_from: int = 4
    attempts: int = 0
    waiting: timedelta | None = None
    no_source: bool = False
    confidence: float | None = None


@dataclass(frozen=True)
class Trigger:
    """`seen`: what the sentence on the page needs: kind and words of a signal, a number, a time."""

    reason: str
    seen: dict[str, Any]


def triggers(facts: Facts, rules: Rules) -> tuple[Trigger, ...]:
    """Those that apply, the strongest first."""
    found = [each for each in _all(facts, rules) if each.reason in rules.triggers]
    return tuple(sorted(found, key=lambda each: rules.triggers.index(each.reason)))


def _all(facts: Facts, rules: Rules) -> Iterator[Trigger]:
    for kind, words in facts.signals:
        reason = Reason.HUMAN if kind == Kind.HUMAN else Reason.SIGNAL
        yield Trigger(reason, {"signal": kind, "words": words})
    if facts.attempts >= rules.attempts:
        yield Trigger(Reason.ATTEMPTS, {"attempts": facts.attempts})
    if facts.urgency is not None and facts.urgency >= facts.urgent_from:
        yield Trigger(Reason.URGENCY, {"urgency": facts.urgency})
    if facts.waiting is not None and facts.waiting >= rules.patience(facts.priority):
        seen = {"minutes": int(facts.waiting.total_seconds() // 60), "within": rules.reply_within[facts.priority]}
        yield Trigger(Reason.WAITING, seen)
    if facts.no_source or (facts.confidence is not None and facts.confidence < rules.sure):
        yield Trigger(Reason.UNSURE, {} if facts.no_source else {"confidence": facts.confidence})
