"""What is known of tickets that may have to be escalated: of one, or of many in as many queries. Reads only."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from copilot.escalation.rules import Reason, Rules
from copilot.escalation.triggers import Facts, triggers
from copilot.models import Draft, Escalation, Triage
from copilot.routing import configuration as routing
from copilot.routing.rules import Handling
from copilot.routing.rules import Rules as RoutingRules
from tickets.models import Message, OutgoingMail, Ticket

LETTERS = (Message.Kind.CUSTOMER, Message.Kind.REPLY)


@dataclass(frozen=True)
class Missed:
    """A ticket that nobody escalated although `reasons` applied, and that went on badly."""

    ticket: int
    reasons: tuple[str, ...]
    attempts: int


class Letter(NamedTuple):
    """One message between the customer and us, with what the triage says of it."""

    ticket: int
    customer: bool
    sentiment: str | None
    urgency: int | None
    signals: list[tuple[str, str]] | None
    dismissed: dict[str, int] | None


def facts(ticket: Ticket, now: datetime) -> Facts:
    found = _read(Ticket.objects.filter(pk=ticket.pk), now)
    return next((each for _ticket, each in found), Facts(ticket.priority))


def counts(tickets: QuerySet[Ticket], rules: Rules, now: datetime) -> dict[str, int]:
    """How many of the tickets have each reason."""
    return dict(Counter(reason for _ticket, each in _read(tickets, now) for reason in _reasons(each, rules)))


def missed(tickets: QuerySet[Ticket], rules: Rules, now: datetime) -> list[Missed]:
    """Not escalated although a reason applies, and the customer had to write again or waits too long."""
    standing = Escalation.objects.standing().filter(ticket=OuterRef("pk"))
    found = _read(tickets.exclude(Exists(standing)), now)
    there = ((ticket, each, _reasons(each, rules)) for ticket, each in found)
    return [Missed(t, reasons, each.attempts) for t, each, reasons in there if _badly(each, reasons, rules)]


def _badly(found: Facts, reasons: Sequence[str], rules: Rules) -> bool:
    late = timedelta(minutes=rules.reply_within[found.priority])
    waits = Reason.WAITING in reasons and found.waiting is not None and found.waiting >= late
    return bool(reasons) and (found.attempts > 0 or waits)


def _reasons(found: Facts, rules: Rules) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.reason for each in triggers(found, rules)))


def _read(tickets: QuerySet[Ticket], now: datetime) -> Iterator[tuple[int, Facts]]:
    """Three queries, and one for the routing rules."""
    _number, rules = routing.current()
    numbers = tickets.order_by().values("pk")
    letters = {number: list(group) for number, group in groupby(_letters(numbers), key=attrgetter("ticket"))}
    drafts = dict(_drafts(numbers))
    rows = tickets.order_by("-pk").values_list("pk", "priority", "status", "waiting_since")
    for number, priority, status, since in rows:
        there = letters.get(number, [])
        waits = status == Ticket.Status.OPEN and bool(there) and there[-1].customer
        state, confidence = drafts.get(number, ("", None))
        yield (
            number,
            Facts(
                priority,
                _signals(there, rules),
                next((each.urgency for each in reversed(there) if each.customer), None),
                rules.urgency,
                attempts(there),
                now - since if waits else None,
                state == Draft.State.NO_SOURCE,
                confidence,
            ),
        )


def _letters(numbers: QuerySet[Any, Any]) -> Iterator[Letter]:
    sent = Message.objects.filter(ticket__in=numbers, kind__in=LETTERS)
    rows = sent.exclude(outgoing__state=OutgoingMail.State.UNDONE).order_by("ticket", "created_at", "pk")
    triage = ("triage__sentiment", "triage__urgency", "triage__signals", "triage__dismissed")
    for ticket, kind, *said in rows.values_list("ticket", "kind", *triage).iterator(chunk_size=2000):
        yield Letter(ticket, kind == Message.Kind.CUSTOMER, *said)


def _drafts(numbers: QuerySet[Any, Any]) -> Iterator[tuple[int, tuple[str, float | None]]]:
    """Of each ticket the latest one that is done."""
    done = Draft.objects.visible().filter(ticket__in=numbers, state__in=Draft.REPLACES)
    rows = done.order_by("created_at", "pk").values_list("ticket", "state", "record__confidence")
    return ((ticket, (state, confidence)) for ticket, state, confidence in rows)


def _signals(letters: Sequence[Letter], rules: RoutingRules) -> tuple[tuple[str, str], ...]:
    first: dict[str, str] = {}
    for each in reversed(letters):
        for kind, words in each.signals or ():
            if kind not in (each.dismissed or {}) and rules.signals.get(kind) == Handling.HUMAN_NOW:
                first.setdefault(kind, words)
    return tuple(first.items())


def attempts(letters: Iterable[Letter]) -> int:
    """Replies, or several in a row, after which the customer wrote again, unless only something nice.

    What we write before the customer has written is no reply.
    """
    count, asked, replied, counted = 0, False, False, False
    for each in letters:
        if not each.customer:
            replied, counted = asked, False
            continue
        if replied and not counted and each.sentiment != Triage.Sentiment.POSITIVE:
            count, counted = count + 1, True
        asked = True
    return count
