"""What is known of a message besides what the classifier says of it: the customer, agents' corrections, and what the
customer wrote before on the ticket. Reads only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from copilot.models import Triage
from copilot.routing.deciding import RouteInput
from copilot.routing.rules import Rules
from copilot.triage.classifier import CATEGORY, SENTIMENT, URGENCY
from copilot.triage.judging import Triaged
from tickets.models import Message

Row = Mapping[str, Any]
FIELDS = (
    "message_id",
    "category_id",
    "confidence",
    "sentiment",
    "urgency",
    "signals",
    "dismissed",
    "corrected",
    "said",
    "message__created_at",
)


@dataclass(frozen=True)
class Known:
    """`category` and `confidence` are the ticket's, None if nothing has given it one; "" if an agent said none.

    `corrected`: what agents said of how this message sounds. `signals`: kind and words of
    earlier messages, the newest first. `dismissed`: kinds that agents say this message has not.
    """

    tier: str
    category: str | None = None
    confidence: float = 0.0
    corrected: Mapping[str, Any] | None = None
    signals: tuple[tuple[str, str], ...] = ()
    dismissed: tuple[str, ...] = ()

    def with_triage(self, triaged: Triaged, language: str, number: int, rules: Rules) -> RouteInput:
        corrected = self.corrected or {}
        sure = triaged.confidence or 0.0
        own = tuple(each for each in triaged.signals if each[0] not in self.dismissed)
        return RouteInput(
            triaged.category if self.category is None else self.category,
            sure if self.category is None else self.confidence,
            corrected.get(SENTIMENT, triaged.sentiment),
            corrected.get(URGENCY, triaged.urgency),
            _once((*own, *self.signals)),
            self.tier,
            language,
            number,
            rules,
        )


def known(message: Message) -> Known:
    """Of one message, with its ticket and customer loaded."""
    ticket = message.ticket
    rows = list(Triage.objects.filter(message__ticket=message.ticket_id).values(*FIELDS))
    return of_rows(rows, message.pk, message.created_at, ticket.category_id, ticket.customer.tier)


def of_rows(rows: Sequence[Row], message: int, moment: Any, category: str | None, tier: str) -> Known:
    """`rows`: FIELDS of all that is classified on the ticket. `category`: the ticket's."""
    rows = sorted(rows, key=lambda row: (row["message__created_at"], row["message_id"]))
    own = next((row for row in rows if row["message_id"] == message), None)
    earlier = [row for row in rows if row["message_id"] != message and row["message__created_at"] <= moment]
    found = Known(tier, signals=_once(signals for row in reversed(earlier) for signals in _signals(row)))
    found = _with_category(found, rows, category)
    if own is None:
        return found
    corrected = {name: own[name] for name in (SENTIMENT, URGENCY) if name in own["corrected"]}
    return replace(found, corrected=corrected, dismissed=tuple(own["dismissed"]))


def _with_category(found: Known, rows: Sequence[Row], category: str | None) -> Known:
    """An agent's choice is certain, and so is a category that came with the ticket."""
    if any(CATEGORY in row["corrected"] for row in rows):
        return replace(found, category=category or "", confidence=1.0)
    if category is None:
        return found
    said = [row["confidence"] or 0.0 for row in rows if row["category_id"] == category]
    given_up = any(row["said"].get(CATEGORY) for row in rows)  # a classifier gave it, and now says something else
    return replace(found, category=category, confidence=said[0] if said else 0.0 if given_up else 1.0)


def _signals(row: Row) -> Iterable[tuple[str, str]]:
    return ((kind, words) for kind, words in row["signals"] if kind not in row["dismissed"])


def _once(signals: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    first: dict[str, str] = {}
    for kind, words in signals:
        first.setdefault(kind, words)
    return tuple(first.items())
