"""What other rules would have done with past tickets, beside the rules that are compared with. Reads only.

A past ticket is one whose messages have been classified; it counts with the latest of them and with what agents have
corrected since. Its customer has the tier of today.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from copilot.models import Triage
from copilot.routing.deciding import Routed, RouteInput, decide
from copilot.routing.facts import FIELDS, of_rows
from copilot.routing.rules import SHIPPED, Rules
from copilot.triage.judging import Triaged

TICKET = "message__ticket_id"
CATEGORY, LANGUAGE = "message__ticket__category_id", "message__ticket__language"
TIER = "message__ticket__customer__tier"
MOST = 50_000  # classified messages


@dataclass(frozen=True)
class Past:
    ticket: int
    given: RouteInput


@dataclass(frozen=True)
class Move:
    """A ticket that would have been handled in another way, gone to another team, or got another kind of draft."""

    ticket: int
    was: Routed
    now: Routed


@dataclass(frozen=True)
class Preview:
    """`before` and `after`: how many tickets each handling would get. `moves`: the newest ticket first."""

    tickets: int
    before: Mapping[str, int]
    after: Mapping[str, int]
    moves: tuple[Move, ...]

    @property
    def changes(self) -> Mapping[tuple[str, str], int]:
        """How many tickets go from one handling to another one, the most first."""
        pairs = Counter((move.was.handling, move.now.handling) for move in self.moves)
        return dict(pair for pair in pairs.most_common() if pair[0][0] != pair[0][1])


def past(since: datetime) -> list[Past]:
    """The tickets that came since then, the newest first. One query."""
    rows = Triage.objects.filter(message__ticket__created_at__gte=since).order_by(f"-{TICKET}")
    found = rows.values(*FIELDS, TICKET, CATEGORY, LANGUAGE, TIER)[:MOST]
    return list(_by_ticket(found.iterator(chunk_size=2000)))


def _by_ticket(rows: Iterator[dict[str, Any]]) -> Iterator[Past]:
    for ticket, group in groupby(rows, key=itemgetter(TICKET)):
        there = list(group)
        last = max(there, key=lambda row: (row["message__created_at"], row["message_id"]))
        known = of_rows(there, last["message_id"], last["message__created_at"], last[CATEGORY], last[TIER])
        said = Triaged(
            last["category_id"] or "",
            last["confidence"],
            last["sentiment"],
            last["urgency"],
            signals=tuple((kind, words) for kind, words in last["signals"]),
        )
        yield Past(ticket, known.with_triage(said, last[LANGUAGE], 0, SHIPPED))


def compare(tickets: Sequence[Past], old: Rules, new: Rules) -> Preview:
    routes = [(each.ticket, decide(each.given, old), decide(each.given, new)) for each in tickets]
    return Preview(
        len(routes),
        Counter(was.handling for _ticket, was, _now in routes),
        Counter(now.handling for _ticket, _was, now in routes),
        tuple(Move(*each) for each in routes if _moved(*each[1:])),
    )


def _moved(was: Routed, now: Routed) -> bool:
    return (was.handling, was.may, was.team) != (now.handling, now.may, now.team)
