"""Whether the right tickets are escalated (PRODUCT.md, §9 and §11): the rows that count, and figures of them.

An escalation counts on the day it was sent, a ticket on the day it was created. Undone escalations do not count.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from copilot.escalation import configuration
from copilot.escalation.facts import Missed, missed
from copilot.escalation.loops import MANY, standing
from copilot.models import Escalation
from qa.metrics.deflection import weeks
from qa.metrics.metrics import Median, Share, median_of
from qa.metrics.reads import within
from qa.metrics.selection import Period
from tickets import timeline
from tickets.models import Message, OutgoingMail, Ticket, TicketEvent

ENOUGH = 20  # judged escalations; with less, their share says little
LISTED = 50  # tickets shown of one figure
Reason, Judgement = Escalation.Reason, Escalation.Judgement


class Sent(NamedTuple):
    """One escalation. `created_at`, `closed_at`, `is_with`: of its ticket, the team that has it now. `assigned_at`,
    `replied_at`, `ended_first_at`: when it was first assigned, answered and closed afterwards; `next_at`: when a person
    moved it on."""

    pk: int
    ticket: int
    created_at: datetime
    sent_at: datetime
    due_at: datetime
    from_team: int | None
    team: int | None
    reason: str
    triggers: list[str]
    judgement: str
    closed_at: datetime | None
    is_with: int | None
    assigned_at: datetime | None
    replied_at: datetime | None
    ended_first_at: datetime | None
    next_at: datetime | None

    @property
    def ended_at(self) -> datetime | None:
        """When the ticket was closed, if it still is."""
        return self.closed_at if self.closed_at and self.closed_at >= self.sent_at else None

    @property
    def taken_at(self) -> datetime | None:
        """When the team took the ticket, or closed it at once; not what happened after it was moved on."""
        first = min((at for at in (self.assigned_at, self.replied_at, self.ended_first_at) if at), default=None)
        return None if first and self.next_at and first > self.next_at else first

    @property
    def waits(self) -> bool:
        """Nobody has taken it, and it is still that team's to take."""
        return self.taken_at is None and self.next_at is None and self.is_with == self.team

    @property
    def taken_seconds(self) -> float | None:
        return (self.taken_at - self.sent_at).total_seconds() if self.taken_at else None

    @property
    def recovery_seconds(self) -> float | None:
        return (self.ended_at - self.sent_at).total_seconds() if self.ended_at else None

    @property
    def in_time(self) -> bool:
        return self.taken_at is not None and self.taken_at <= self.due_at

    @property
    def perhaps_not_needed(self) -> bool:
        """The team says so; or no reason applied when it was sent, and the team has not called it justified."""
        return self.judgement == Judgement.NOT_NEEDED or not (self.triggers or self.judgement == Judgement.JUSTIFIED)

    def overdue(self, now: datetime) -> bool:
        return self.waits and self.due_at < now


@dataclass(frozen=True)
class Figures:
    """Of escalations, for example those of a week. `now`: overdue ones count as not taken in time."""

    rows: Sequence[Sent]
    now: datetime

    @cached_property
    def judged(self) -> list[Sent]:
        return [row for row in self.rows if row.judgement]

    @property
    def precision(self) -> Share:
        """Justified / judged. Unit: share of escalations. Source: PRODUCT §11."""
        return Share(self.of(Judgement.JUSTIFIED), len(self.judged))

    @property
    def in_time(self) -> Share:
        """Taken until `due_at` / those taken or overdue. Unit: share of escalations."""
        known = [row for row in self.rows if row.taken_at or row.overdue(self.now)]
        return Share(sum(row.in_time for row in known), len(known))

    @property
    def taken(self) -> Median:
        """Median of (taken − sent). Unit: seconds."""
        return median_of(row.taken_seconds for row in self.rows)

    @cached_property
    def first(self) -> list[Sent]:
        """Of each ticket the first of these escalations."""
        return list({row.ticket: row for row in sorted(self.rows, key=newest_first)}.values())

    @property
    def recovery(self) -> Median:
        """Median of (closed − first sent) of tickets that are closed. Unit: seconds. Source: PRODUCT §11."""
        return median_of(row.recovery_seconds for row in self.first)

    def of(self, judgement: str) -> int:
        """`judgement`: "" for not judged."""
        return sum(row.judgement == judgement for row in self.rows)

    def by(self, name: str) -> dict[Any, "Figures"]:
        """By a field of the rows."""
        found: dict[Any, list[Sent]] = defaultdict(list)
        for row in self.rows:
            found[getattr(row, name)].append(row)
        return {key: Figures(rows, self.now) for key, rows in found.items()}


def newest_first(row: Sent) -> tuple[float, int]:
    return -row.sent_at.timestamp(), -row.pk


@dataclass(frozen=True)
class Loop:
    """The way of a ticket between teams, as people moved it. `teams`: "" for none. `at`: of the latest move."""

    ticket: int
    teams: tuple[str, ...]
    at: datetime

    @property
    def moves(self) -> int:
        return max(len(self.teams) - 1, 0)

    @property
    def counts(self) -> bool:
        had = [name for name in self.teams if name]
        return self.moves >= MANY or len(set(had)) < len(had)


@dataclass(frozen=True)
class Report:
    """`tickets`: of those created in the period, the ones that were ever escalated; `escalated`: the first escalation
    of each of them. `waiting`: overdue ones first."""

    now: Figures
    before: Figures
    weeks: list[tuple[Period, Figures]]
    tickets: Share
    tickets_before: Share
    escalated: list[Sent]
    missed: list[Missed]
    loops: list[Loop]

    @property
    def waiting(self) -> list[Sent]:
        return sorted((row for row in self.now.rows if row.waits), key=lambda row: (row.due_at, row.pk))

    @property
    def perhaps_not_needed(self) -> list[Sent]:
        return [row for row in self.now.rows if row.perhaps_not_needed]

    @property
    def empty(self) -> bool:
        return not (self.now.rows or self.escalated or self.missed or self.loops)


def read(period: Period, team: int | None, names: Mapping[int, str], now: datetime) -> Report:
    """A fixed number of queries, however long the period. `team`: the one that a ticket was sent to. `names`: of
    teams."""
    rows = sorted((Sent(*values) for values in _rows(period, team)), key=newest_first)
    found = Figures(_sent_in(rows, period), now)
    escalated = {each: Figures(_created_in(rows, each), now).first for each in (period, period.before)}
    created, created_before = _created(period)
    return Report(
        now=found,
        before=Figures(_sent_in(rows, period.before), now),
        weeks=[(week, Figures(_sent_in(found.rows, week), now)) for week in weeks(period)],
        tickets=Share(len(escalated[period]), created),
        tickets_before=Share(len(escalated[period.before]), created_before),
        escalated=escalated[period],
        missed=_missed(period, team, now),
        loops=_loops(period, "" if team is None else names.get(team, "")),
    )


def _sent_in(rows: Iterable[Sent], period: Period) -> list[Sent]:
    start, end = period.start, period.end
    return [row for row in rows if start <= row.sent_at < end]


def _created_in(rows: Iterable[Sent], period: Period) -> list[Sent]:
    start, end = period.start, period.end
    return [row for row in rows if start <= row.created_at < end]


def _rows(period: Period, team: int | None) -> QuerySet[Escalation, tuple[Any, ...]]:
    """Sent in the period or the one before; or later, but of a ticket that was created in it."""
    ticket, sent = OuterRef("ticket"), OuterRef("sent_at")
    assigned = TicketEvent.objects.filter(ticket=ticket, kind=TicketEvent.Kind.ASSIGNED, at__gt=sent)
    replied = Message.objects.filter(ticket=ticket, kind=Message.Kind.REPLY, created_at__gt=sent)
    closed = TicketEvent.objects.filter(ticket=ticket, kind=TicketEvent.Kind.STATUS, data__now="closed", at__gt=sent)
    in_it = Q(sent_at__lt=period.end) | Q(ticket__created_at__lt=period.end)
    found = Escalation.objects.standing().filter(in_it, sent_at__gte=period.before.start)
    if team is not None:
        found = found.filter(team=team)
    tickets = set(found.order_by().values_list("ticket", flat=True))
    assigned, closed = (each.exclude(pk__in=timeline.undone(tickets)) for each in (assigned, closed))
    moves = _moves(tickets)
    own = Q(note=Cast(OuterRef("note"), TextField()))
    moved = moves.filter(Q(note=None) | ~own, ticket=ticket, at__gt=sent)
    of_ticket = ("ticket__closed_at", "ticket__team")
    return found.order_by().values_list(
        *("pk", "ticket", "ticket__created_at", "sent_at", "due_at", "from_team", "team"),
        *("reason", "triggers", "judgement", *of_ticket),
        _first(assigned.exclude(data__now=""), "at"),
        _first(replied.exclude(outgoing__state=OutgoingMail.State.UNDONE), "created_at"),
        _first(closed, "at"),
        _first(moved, "at"),
    )


def _moves(tickets: Collection[int]) -> QuerySet[TicketEvent]:
    """From team to team by people, but for those that were undone. `note`: of the transfer, as text; `move`: the event
    of one without a note."""
    events = TicketEvent.objects.filter(kind=TicketEvent.Kind.TRANSFERRED).exclude(actor=None)
    events = events.annotate(note=Cast(KT("data__note"), TextField()))
    undone = list(events.filter(ticket__in=tickets, data__has_key="undone").values_list("note", "data__move"))
    notes, moves = {note for note, move in undone if note}, {move for note, move in undone if move}
    there = events.exclude(data__has_key="undone").exclude(pk__in=moves)
    return there.filter(Q(note=None) | ~Q(note__in=notes))


def _first(found: QuerySet[Any], moment: str) -> Subquery:
    return Subquery(found.order_by(moment).values(moment)[:1])


def _created(period: Period) -> tuple[int, int]:
    """Tickets created in the period, and in the one before."""
    counted = {"now": period, "before": period.before}
    asked = Ticket.objects.exclude(channel=Ticket.Channel.OUTGOING)  # not by us
    asked = asked.filter(within("created_at", Period(period.before.first, period.last)))
    found = asked.aggregate(**{name: Count("pk", filter=within("created_at", each)) for name, each in counted.items()})
    return found["now"], found["before"]


def _missed(period: Period, team: int | None, now: datetime) -> list[Missed]:
    """Newest first. `team`: that has the ticket."""
    tickets = Ticket.objects.filter(within("created_at", period))
    if team is not None:
        tickets = tickets.filter(team=team)
    _number, rules = configuration.current()
    return sorted(missed(tickets, rules, now), key=lambda each: -each.ticket)


def _loops(period: Period, name: str) -> list[Loop]:
    """Of tickets whose latest move by people is in the period, newest first. `name`: only those that this team had."""
    moves = TicketEvent.objects.filter(kind=TicketEvent.Kind.TRANSFERRED, actor__isnull=False)
    moved = moves.filter(within("at", period)).order_by().values("ticket")
    rows = moves.filter(ticket__in=moved).order_by("ticket", "pk").values_list("ticket", "at", "data")
    by_ticket = groupby(rows, key=itemgetter(0))
    found = [loop(ticket, [(at, data) for _ticket, at, data in group]) for ticket, group in by_ticket]
    start, end = period.start, period.end
    found = [each for each in found if each.counts and start <= each.at < end and (not name or name in each.teams)]
    return sorted(found, key=lambda each: (each.at, each.ticket), reverse=True)


def loop(ticket: int, events: Iterable[tuple[datetime, Mapping[str, Any]]]) -> Loop:
    """The teams that had the ticket, in order. An undone move does not count, nor one to the team that has it."""
    moves = standing((data, at) for at, data in events)
    teams, last = [each.was for each in moves[:1]], datetime.min.replace(tzinfo=UTC)
    for each in moves:
        if each.now != teams[-1]:
            teams.append(each.now)
            last = each.at
    return Loop(ticket, tuple(teams), last)
