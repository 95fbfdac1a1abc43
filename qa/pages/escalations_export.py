"""CSV of the page on escalations: its figures, and the escalations that they count."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from copilot.redaction import Masker
from copilot.redaction.values import person_of
from qa.metrics.escalations import Figures, Judgement, Report, Sent
from qa.metrics.metrics import Median
from qa.metrics.selection import Period
from qa.pages.escalations_lists import Teams
from qa.pages.exports import FIGURE_HEAD, figure_row, share_row
from tickets.models import Ticket

ROW_HEAD = (
    *("ticket", "subject", "sent_at", "from_team", "to_team", "reason", "triggers", "due_at", "taken_at"),
    *("seconds_until_taken", "judgement", "closed_at", "seconds_until_closed"),
)


def figures(report: Report, period: Period, teams: Teams) -> Iterator[Sequence[object]]:
    yield FIGURE_HEAD
    yield share_row("period", period, "", "tickets escalated", report.tickets)
    yield share_row("period before", period.before, "", "tickets escalated", report.tickets_before)
    yield figure_row("period", period, "", "not escalated", len(report.missed), "tickets")
    yield figure_row("period", period, "", "loops", len(report.loops), "tickets")
    yield figure_row("period", period, "", "waiting to be taken", len(report.waiting), "escalations")
    yield figure_row("period", period, "", "perhaps not needed", len(report.perhaps_not_needed), "escalations")
    yield from _figures("period", period, "", report.now)
    yield from _figures("period before", period.before, "", report.before)
    for week, found in report.weeks:
        yield from _figures("week", week, "", found)
    for team, found in report.now.by("team").items():
        yield from _figures("team", period, _team(team, teams), found)
    for reason, found in report.now.by("reason").items():
        yield from _figures("reason", period, reason, found)


def _figures(section: str, period: Period, name: str, found: Figures) -> Iterator[Sequence[object]]:
    yield figure_row(section, period, name, "escalations", len(found.rows), "escalations")
    for judgement in Judgement.values:
        yield figure_row(section, period, name, judgement.replace("_", " "), found.of(judgement), "escalations")
    yield share_row(section, period, name, "precision", found.precision)
    yield share_row(section, period, name, "taken in time", found.in_time)
    yield _median(section, period, name, "until taken", found.taken)
    yield _median(section, period, name, "until closed", found.recovery)


def _median(section: str, period: Period, name: str, figure: str, found: Median) -> list[object]:
    return figure_row(section, period, name, figure, found.value, "seconds", found.of)


def rows(found: Sequence[Sent], teams: Teams) -> Iterator[Sequence[object]]:
    """Subjects are masked: nobody knows where a file goes, and erasing the ticket does not reach it."""
    yield ROW_HEAD
    tickets = Ticket.objects.select_related("customer").in_bulk({row.ticket for row in found})
    for row in found:
        ticket = tickets.get(row.ticket)
        yield [
            *(row.ticket, Masker(person_of(ticket)).mask(ticket.subject) if ticket else "", _moment(row.sent_at)),
            *(_team(row.from_team, teams), _team(row.team, teams), row.reason, " ".join(row.triggers)),
            *(_moment(row.due_at), _moment(row.taken_at), row.taken_seconds),
            *(row.judgement, _moment(row.ended_at), row.recovery_seconds),
        ]


def _moment(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def _team(team: int | None, teams: Teams) -> str:
    return teams.get(team or 0, "None")
