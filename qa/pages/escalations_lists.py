"""The lists of the page on escalations: which one the address asks for, and its rows as text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import formats
from copilot.escalation.facts import Missed
from qa.metrics import escalations
from qa.metrics.escalations import Figures, Judgement, Loop, Reason, Report, Sent
from qa.metrics.selection import Selection
from qa.pages import wording
from tickets.models import Ticket

ALL, ESCALATED, JUDGED, UNJUDGED = "all", "escalated", "judged", "unjudged"
TAKEN, IN_TIME, CLOSED = "taken", "in_time", "closed"
OVER, MISSED, LOOPS, WAITING = "over", "missed", "loops", "waiting"
KINDS: Mapping[str, str | Promise] = {
    ALL: gettext_lazy("All escalations"),
    ESCALATED: gettext_lazy("Tickets of this period that were escalated"),
    **{each.value: each.label for each in Judgement},
    JUDGED: gettext_lazy("Judged"),
    UNJUDGED: gettext_lazy("Not judged yet"),
    TAKEN: gettext_lazy("Taken"),
    IN_TIME: gettext_lazy("Taken in time"),
    CLOSED: gettext_lazy("Closed afterwards"),
    OVER: gettext_lazy("Perhaps not needed"),
    MISSED: gettext_lazy("Not escalated"),
    LOOPS: gettext_lazy("Loops"),
    WAITING: gettext_lazy("Waiting to be taken"),
}
CHECKS: Mapping[str, Callable[[Sent], bool]] = {
    JUDGED: lambda row: bool(row.judgement),
    UNJUDGED: lambda row: not row.judgement,
    TAKEN: lambda row: row.taken_at is not None,
    IN_TIME: lambda row: row.in_time,
    OVER: lambda row: row.perhaps_not_needed,
    CLOSED: lambda row: row.ended_at is not None,
}
Teams = Mapping[int, str]


def listing(selection: Selection, kind: str = ALL, **more: object) -> str:
    """`more`: `receiver` (a team) and `reason`."""
    return f"{reverse('qa:escalations')}?{selection.query(tickets=kind, **more)}#tickets"


def team_name(team: int | None, teams: Teams) -> str:
    return teams.get(team or 0) or _("No team")


@dataclass(frozen=True)
class Asked:
    """Which tickets the address asks for. `to`: a team, 0 for one that is gone; `reason`: one of Reason."""

    kind: str = ALL
    to: int | None = None
    reason: str = ""

    def heading(self, teams: Teams) -> str:
        parts = [str(KINDS[self.kind])]
        if self.to is not None:
            parts.append(_("to %(team)s") % {"team": team_name(self.to, teams)})
        if self.reason:
            parts.append(str(Reason(self.reason).label))
        return " · ".join(parts)


def chosen(report: Report, asked: Asked) -> list[Sent]:
    """The escalations that one number counts, newest first."""
    found = {ESCALATED: report.escalated, WAITING: report.waiting}.get(asked.kind, report.now.rows)
    rows = [row for row in found if asked.to in (None, row.team or 0) and asked.reason in ("", row.reason)]
    if asked.kind == CLOSED:
        rows = Figures(rows, report.now.now).first
    if asked.kind in Judgement.values:
        return [row for row in rows if row.judgement == asked.kind]
    check = CHECKS.get(asked.kind)
    return [row for row in rows if check is None or check(row)]


@dataclass(frozen=True)
class Cell:
    """`name` of its column; `num`: at the right; `bad`: needs care."""

    name: str
    text: str
    num: bool = False
    bad: bool = False


@dataclass(frozen=True)
class Table:
    """`count`: of all tickets, of which the first are shown. `order` in words."""

    heading: str
    rows: Sequence[tuple[Ticket, Sequence[Cell]]]
    count: int
    order: str


def table(report: Report, asked: Asked, teams: Teams) -> Table:
    """One query, for the tickets that are shown."""
    found, cells = _wanted(report, asked, teams)
    first = found[: escalations.LISTED]
    tickets = Ticket.objects.in_bulk([each.ticket for each in first])
    rows = [(tickets[each.ticket], cells(each, tickets[each.ticket])) for each in first if each.ticket in tickets]
    order = _("overdue first") if asked.kind == WAITING else _("newest first")
    return Table(asked.heading(teams), rows, len(found), order)


def _wanted(report: Report, asked: Asked, teams: Teams) -> tuple[Sequence[Any], Callable[[Any, Ticket], list[Cell]]]:
    """All rows, and what makes the cells of one."""
    if asked.kind == MISSED:
        return report.missed, _missed_cells
    if asked.kind == LOOPS:
        return report.loops, _loop_cells
    rows, now = chosen(report, asked), report.now.now

    def cells(row: Sent, _ticket: Ticket) -> list[Cell]:
        moved = f"{team_name(row.from_team, teams)} → {team_name(row.team, teams)}"
        overdue = row.overdue(now)
        return [
            Cell(_("Sent"), _day(row.sent_at), num=True),
            Cell(_("From → to"), moved),
            Cell(_("Reason"), str(Reason(row.reason).label)),
            Cell(_("With a trigger"), _("yes") if row.triggers else _("no")),
            Cell(
                _("Taken after"), _overdue(row, now) if overdue else _lasted(row.taken_seconds), num=True, bad=overdue
            ),
            Cell(_("Judgement"), str(Judgement(row.judgement).label) if row.judgement else wording.NOTHING),
            Cell(_("Closed after"), _lasted(row.recovery_seconds), num=True),
        ]

    return rows, cells


def _overdue(row: Sent, now: datetime) -> str:
    seconds = (now - row.due_at).total_seconds()
    return _("overdue by %(time)s") % {"time": _lasted(seconds)}


def _lasted(seconds: float | None) -> str:
    """In a unit of its own: some take minutes and others days."""
    return wording.unit_for([seconds])(seconds)


def _missed_cells(row: Missed, ticket: Ticket) -> list[Cell]:
    return [
        Cell(_("Reasons"), ", ".join(str(Reason(reason).label) for reason in row.reasons)),
        Cell(_("Times written again"), str(row.attempts), num=True),
        Cell(_("Created"), _day(ticket.created_at), num=True),
    ]


def _loop_cells(row: Loop, _ticket: Ticket) -> list[Cell]:
    return [
        Cell(_("Teams"), " → ".join(name or _("No team") for name in row.teams)),
        Cell(_("Transfers"), str(row.moves), num=True),
        Cell(_("Last transfer"), _day(row.at), num=True),
    ]


def _day(moment: datetime) -> str:
    return formats.day_month(timezone.localdate(moment))
