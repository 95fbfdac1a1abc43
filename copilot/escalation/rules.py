"""The rules of escalation as data: what leads edit, and the rules that apply until they do (PRODUCT.md, §9). Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from copilot.models import Escalation
from copilot.rule_sets import BadRules
from tickets.models import Ticket

Reason = Escalation.Reason
TRIGGERS = tuple(each.value for each in Reason if each is not Reason.OTHER)  # the strongest first
PRIORITIES = tuple(sorted(Ticket.Priority.values, reverse=True))
MOST_ATTEMPTS = 9
MOST_MINUTES = 60 * 24 * 30
SOON = 0.75  # share of the time for a reply, from which a customer waits too long


@dataclass(frozen=True)
class Rules:
    """`triggers`: those that count. `attempts`: replies after which the customer wrote again. `sure`: the confidence of
    a draft, 0 to 1, below which its answer is not sure. `reply_within`, `take_within`: minutes by priority, for a reply
    to the customer, and for somebody of the new team to take the ticket. `teams`: an id by trigger, or by kind of
    sensitive signal."""

    triggers: tuple[str, ...] = TRIGGERS
    attempts: int = 2
    sure: float = 0.5
    reply_within: Mapping[int, int] = field(default_factory=lambda: {4: 60, 3: 240, 2: 1440, 1: 2880})
    take_within: Mapping[int, int] = field(default_factory=lambda: {4: 15, 3: 60, 2: 240, 1: 480})
    teams: Mapping[str, int] = field(default_factory=dict)

    def takes(self, priority: int) -> timedelta:
        """How long the new team has to take a ticket."""
        return timedelta(minutes=self.take_within[priority])

    def patience(self, priority: int) -> timedelta:
        """How long a customer may wait before the time for a reply is at risk."""
        return timedelta(minutes=self.reply_within[priority]) * SOON

    def team(self, reason: str, signal: str = "") -> int:
        """0 if no rule names one."""
        return self.teams.get(signal, 0) or self.teams.get(reason, 0)


SHIPPED = Rules()


def to_json(rules: Rules) -> dict[str, Any]:
    """Keys of JSON are strings, so those of priorities become some."""
    stored = asdict(rules)
    for name in ("reply_within", "take_within"):
        stored[name] = {str(priority): minutes for priority, minutes in stored[name].items()}
    return stored | {"triggers": list(rules.triggers)}


def from_json(stored: Any) -> Rules:
    """Raises BadRules. Kinds of signals that are no longer known stay: they do nothing."""
    if not isinstance(stored, Mapping):
        raise BadRules("Rules are an object.")
    try:
        rules = Rules(
            triggers=tuple(each for each in TRIGGERS if each in stored["triggers"]),
            attempts=int(stored["attempts"]),
            sure=float(stored["sure"]),
            reply_within=_minutes(stored["reply_within"]),
            take_within=_minutes(stored["take_within"]),
            teams={str(subject): int(team) for subject, team in stored["teams"].items() if team},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadRules(f"Rules that cannot be read: {type(error).__name__} {error}") from error
    problem = next(_problems(rules), "")
    if problem:
        raise BadRules(problem)
    return rules


def _minutes(stored: Mapping[str, Any]) -> dict[int, int]:
    return {priority: int(stored[str(priority)]) for priority in PRIORITIES}


def _problems(rules: Rules) -> Iterator[str]:
    if not 1 <= rules.attempts <= MOST_ATTEMPTS:
        yield f"The attempts are from 1 to {MOST_ATTEMPTS}."
    if not 0 <= rules.sure <= 1:
        yield "The confidence is from 0 to 1."
    if not all(
        1 <= each <= MOST_MINUTES for times in (rules.reply_within, rules.take_within) for each in times.values()
    ):
        yield f"Times are from 1 to {MOST_MINUTES} minutes."
