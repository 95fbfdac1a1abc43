"""How many of the tickets of the last days have each trigger. A few queries, however many tickets there are."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils import timezone

from copilot.escalation.facts import counts
from copilot.escalation.rules import TRIGGERS, Rules
from tickets.access import visible_tickets
from tickets.models import User

DAYS = 30


@dataclass(frozen=True)
class Counted:
    """`by_trigger`: also of triggers that do not count. `in_use`: not with what was entered, which has errors."""

    tickets: int
    by_trigger: Mapping[str, int]
    days: int = DAYS
    in_use: bool = False


def count(user: User, entered: Rules | None, current: Rules) -> Counted:
    now = timezone.now()
    tickets = visible_tickets(user).filter(created_at__gte=now - timedelta(days=DAYS))
    rules = replace(entered or current, triggers=TRIGGERS)
    return Counted(tickets.count(), counts(tickets, rules, now), in_use=entered is None)
