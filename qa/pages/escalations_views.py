"""/lead/escalations/: whether the right tickets are escalated, and what became of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from config.numbers import whole
from qa.access import figures_required
from qa.metrics import escalations, selection
from qa.metrics.escalations import Reason, Report
from qa.metrics.selection import NOBODY, Selection
from qa.pages import escalations_export, escalations_lists, escalations_shown, exports
from qa.pages.escalations_lists import ALL, KINDS, LOOPS, MISSED, Asked, Teams
from qa.pages.escalations_shown import PARTS
from qa.pages.views import CSV
from tickets.access import AgentRequest
from tickets.models import Team


@figures_required
@require_GET
def page(request: AgentRequest) -> HttpResponse:
    teams = _teams()
    chosen, errors = _selection(request, teams)
    report, asked = _report(chosen, teams), _asked(request)
    context = {
        "selection": chosen,
        "errors": errors,
        "presets": selection.PRESETS,
        "today": timezone.localdate(),
        "teams": teams,
        "report": report,
        "least": escalations.ENOUGH,
        "listed": asked != Asked(),
        "table": escalations_lists.table(report, asked, teams),
        **_figures(report, chosen, teams),
    }
    return render(request, "qa/escalations.html", context)


@figures_required
@require_GET
def page_csv(request: AgentRequest) -> HttpResponse:
    teams = _teams()
    chosen, errors = _selection(request, teams)
    if errors:
        return _refused(errors)
    rows = escalations_export.figures(_report(chosen, teams), chosen.period, teams)
    return _file("escalation-figures", rows, chosen)


@figures_required
@require_GET
def rows_csv(request: AgentRequest) -> HttpResponse:
    teams = _teams()
    chosen, errors = _selection(request, teams)
    if errors:
        return _refused(errors)
    rows = escalations_export.rows(_report(chosen, teams).now.rows, teams)
    return _file("escalations", rows, chosen)


def _refused(errors: Sequence[str]) -> HttpResponse:
    return HttpResponse("\n".join(errors), status=400, content_type="text/plain; charset=utf-8")


def _file(name: str, rows: Iterable[Sequence[object]], chosen: Selection) -> HttpResponse:
    response = HttpResponse(exports.text(rows), content_type=CSV)
    period = chosen.period
    response["Content-Disposition"] = f'attachment; filename="{name}-{period.first}-{period.last}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _teams() -> dict[int, str]:
    return dict(Team.objects.values_list("pk", "name"))


def _selection(request: AgentRequest, teams: Teams) -> tuple[Selection, list[str]]:
    """Period and team."""
    params = {name: request.GET.get(name, "") for name in ("days", "from", "to", "team")}
    return selection.read(params, timezone.localdate(), teams, ())


def _report(chosen: Selection, teams: Teams) -> Report:
    return escalations.read(chosen.period, chosen.team, teams, timezone.now())


def _asked(request: AgentRequest) -> Asked:
    """Receiver and reason are of escalations, so the lists of other tickets have none."""
    kind, reason = request.GET.get("tickets", ""), request.GET.get("reason", "")
    receiver = request.GET.get("receiver", "")
    if kind in (MISSED, LOOPS):
        return Asked(kind)
    return Asked(
        kind if kind in KINDS else ALL,
        0 if receiver == NOBODY else whole(receiver),
        reason if reason in Reason.values else "",
    )


def _figures(report: Report, chosen: Selection, teams: Teams) -> dict[str, Any]:
    there = replace(chosen, preset=None)
    return {
        "tiles": escalations_shown.tiles(report, there),
        "lists": escalations_shown.lists(report, there),
        "parts": PARTS.values(),
        "by_week": escalations_shown.by_week(report, there),
        "precision_by_week": escalations_shown.precision_by_week(report, there),
        "weeks": escalations_shown.week_rows(report, there),
        "by_team": escalations_shown.team_rows(report, there, teams),
        "by_reason": escalations_shown.reason_rows(report, there),
    }
