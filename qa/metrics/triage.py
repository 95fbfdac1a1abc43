"""How often agents agree with what the classifier said: the messages that count, and figures of them.

A message counts once an agent has corrected it, or has answered or closed its ticket after it was classified. It counts
on the day it was classified, so that a share has the same messages above and below its line.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, When
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from copilot.confidence.weights import Bin
from copilot.models import Triage
from copilot.triage import figures
from copilot.triage.classifier import CATEGORY, SENTIMENT, URGENCY
from copilot.triage.figures import SURE
from qa.metrics.deflection import weeks
from qa.metrics.metrics import Share
from qa.metrics.reads import within
from qa.metrics.selection import Period
from tickets.models import Message, Ticket

ENOUGH = 20  # tickets; with less, shares say nothing
LISTED = 50  # tickets shown of one figure
AGREED, CORRECTED = "agreed", "corrected"


class Judged(NamedTuple):
    """A classified message that an agent has seen. `said` by the classifier, `decided`: what counts now; "" for none
    of the categories. `names`: whether it is the message that stands for its ticket, and its category counts."""

    ticket: int
    at: datetime
    said: str
    decided: str
    confidence: float
    names: bool
    sentiment: bool | None  # whether it was corrected; None if the classifier said nothing of it
    urgency: bool | None

    @property
    def agreed(self) -> bool:
        return self.said == self.decided


@dataclass(frozen=True)
class OfClass:
    """One category. Tickets that agents left in it, that they moved to it and that they moved away from it."""

    category: str
    kept: int
    moved_here: int
    moved_away: int

    @property
    def tickets(self) -> int:
        return self.kept + self.moved_here

    @property
    def precision(self) -> Share:
        """Of the tickets that the classifier put into it, those that belong there."""
        return Share(self.kept, self.kept + self.moved_away)

    @property
    def recall(self) -> Share:
        """Of the tickets that belong there, those that the classifier put into it."""
        return Share(self.kept, self.tickets)


@dataclass(frozen=True)
class Figures:
    """Of one row per ticket, for example those of a week."""

    rows: Sequence[Judged]

    @cached_property
    def accuracy(self) -> Share:
        """Tickets whose category agents left as it was / tickets. Unit: share of tickets."""
        return Share(sum(row.agreed for row in self.rows), len(self.rows))

    @property
    def corrections(self) -> int:
        return self.accuracy.whole - self.accuracy.part

    @cached_property
    def calibration_error(self) -> float | None:
        """Distance between the confidence that was said and the share that was right. Unit: 0 (none) to 1."""
        found = figures.calibration_error(*self._columns)
        return None if found is None else float(found)

    @cached_property
    def coverage(self) -> Share:
        """Tickets classified with a confidence of at least SURE / tickets. Unit: share of tickets."""
        return Share(len(self._sure), len(self.rows))

    @cached_property
    def accuracy_of_sure(self) -> Share:
        return Figures(self._sure).accuracy

    @cached_property
    def bins(self) -> list[Bin]:
        """A tenth of confidence after the other; those without tickets are left out."""
        return [Bin(each["rows"], each["said"], each["right"]) for each in figures.reliability(*self._columns)]

    @cached_property
    def confusion(self) -> dict[str, dict[str, int]]:
        """Tickets by what agents decided, then by what the classifier said."""
        return figures.confusion([row.decided for row in self.rows], [row.said for row in self.rows])

    @property
    def _sure(self) -> list[Judged]:
        return [row for row in self.rows if row.confidence >= SURE]

    @property
    def _columns(self) -> tuple[np.ndarray, np.ndarray]:
        right = np.array([row.agreed for row in self.rows], dtype=bool)
        return right, np.array([row.confidence for row in self.rows], dtype=float)

    def of_class(self, category: str) -> OfClass:
        kept = self.confusion.get(category, {}).get(category, 0)
        decided = sum(self.confusion.get(category, {}).values())
        said = sum(row.get(category, 0) for row in self.confusion.values())
        return OfClass(category, kept, decided - kept, said - kept)

    def classes(self, order: Sequence[str]) -> list[str]:
        """The categories that occur, in this order; unknown ones and none of the categories come last."""
        there = set(self.confusion) | {said for row in self.confusion.values() for said in row}
        return [each for each in order if each in there] + sorted(there - {*order, ""}) + [""] * ("" in there)


@dataclass(frozen=True)
class Report:
    now: Figures
    before: Figures
    weeks: list[tuple[Period, Figures]]
    sentiment: Share  # corrected, of the messages
    urgency: Share


def read(period: Period, team: int | None = None) -> Report:
    """One query, however long the period."""
    rows = [_judged(*values) for values in _rows(Period(period.before.first, period.last), team)]
    tickets = [row for row in rows if row.names]
    now = _in(tickets, period)
    messages = _in(rows, period)
    return Report(
        now=Figures(now),
        before=Figures(_in(tickets, period.before)),
        weeks=[(week, Figures(_in(now, week))) for week in weeks(period)],
        sentiment=_corrected([row.sentiment for row in messages]),
        urgency=_corrected([row.urgency for row in messages]),
    )


def _in(rows: Iterable[Judged], period: Period) -> list[Judged]:
    start, end = period.start, period.end
    return [row for row in rows if start <= row.at < end]


def _corrected(rows: Sequence[bool | None]) -> Share:
    return Share(sum(row is True for row in rows), sum(row is not None for row in rows))


def _rows(period: Period, team: int | None) -> QuerySet[Triage, tuple[Any, ...]]:
    ticket = OuterRef("message__ticket")
    answers = Message.objects.filter(ticket=ticket, kind=Message.Kind.REPLY, created_at__gte=OuterRef("made_at"))
    ended = Q(message__ticket__closed_at__gte=F("made_at")) | Q(Exists(answers))
    classified = Triage.objects.filter(within("made_at", period), model__isnull=False, confidence__isnull=False)
    found = classified.annotate(
        first=Subquery(_that_names(ticket)), ended=Case(When(ended, then=True), default=False)
    ).filter(Q(ended=True) | Q(corrected_at__isnull=False))
    if team is not None:
        found = found.filter(message__ticket__team=team)
    ids = ("pk", "first", "message__ticket", "made_at", "confidence")
    return found.order_by().values_list(*ids, "ended", "corrected", "said", CATEGORY, SENTIMENT, URGENCY)


def _that_names(ticket: OuterRef) -> QuerySet[Triage, Any]:
    """The message that stands for its ticket: the first with a category, also one that agents took away; else the
    first. As in copilot/triage/correcting.py."""
    said = Cast(KT("said__category"), TextField())
    # The list is sorted, so "category" comes first. SQLite cannot look for it in the whole list.
    named = Q(category__isnull=False) | Q(corrected__0=CATEGORY) | Q(said_category__gt="")
    rows = Triage.objects.filter(message__ticket=ticket).annotate(said_category=said)
    in_order = rows.annotate(place=Case(When(named, then=0), default=1))
    return in_order.order_by("place", "message__created_at", "message_id").values("pk")[:1]


def _judged(
    number: int, first: int, ticket: int, at: datetime, confidence: float, ended: bool, corrected: list[str], *said: Any
) -> Judged:
    """What was said by the classifier, and what counts now, of what agents corrected or left as it was."""
    by_classifier, category, *tone = said
    counts = {name: ended or name in corrected for name in (CATEGORY, SENTIMENT, URGENCY)}
    changed = [
        by_classifier[name] != now if counts[name] and by_classifier.get(name) else None
        for name, now in zip((SENTIMENT, URGENCY), tone, strict=True)
    ]
    names = number == first and counts[CATEGORY]
    return Judged(ticket, at, by_classifier.get(CATEGORY) or "", category or "", confidence, names, *changed)


def chosen(rows: Iterable[Judged], kind: str = "", said: str | None = None, decided: str | None = None) -> list[Judged]:
    """The rows that one number counts, newest first. `kind`: AGREED or CORRECTED, else all."""
    found = [
        row
        for row in rows
        if (said is None or row.said == said)
        and (decided is None or row.decided == decided)
        and (kind not in (AGREED, CORRECTED) or row.agreed == (kind == AGREED))
    ]
    return sorted(found, key=lambda row: (row.at, row.ticket), reverse=True)


def with_tickets(rows: Sequence[Judged]) -> list[tuple[Judged, Ticket]]:
    """The first LISTED of them with their tickets."""
    tickets = Ticket.objects.in_bulk([row.ticket for row in rows[:LISTED]])
    return [(row, tickets[row.ticket]) for row in rows[:LISTED] if row.ticket in tickets]
