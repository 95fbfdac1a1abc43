"""/lead/triage/: how well tickets are classified, the classifiers, and what leads do with them."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from config.numbers import whole
from copilot.triage import versions
from qa.access import classifiers_required, figures_required, get_classifier
from qa.metrics import reads, selection, triage
from qa.metrics.selection import UNCATEGORISED, Selection
from qa.pages import classifiers, exports, triage_export, triage_shown, triage_training
from qa.pages.triage_shown import KINDS, Asked, Labels
from qa.pages.views import CSV
from tickets.access import AgentRequest
from tickets.models import Team

Teams = dict[int, str]


@figures_required
@require_GET
def page(request: AgentRequest) -> HttpResponse:
    teams, labels = _teams(), reads.categories()
    chosen, errors = _selection(request, teams)
    report = triage.read(chosen.period, chosen.team)
    asked = _asked(request)
    context = {
        "selection": chosen,
        "errors": errors,
        "presets": selection.PRESETS,
        "today": timezone.localdate(),
        "teams": teams,
        "count": len(report.now.rows),
        "least": triage.ENOUGH,
        "enough": len(report.now.rows) >= triage.ENOUGH,
        "asked": asked.heading(labels) if asked.kind else "",
        **_tickets(report, asked, labels),
        **_figures(report, chosen, labels),
        **_classifiers(labels),
        "said": _said(request.GET.get("done", "")),
    }
    return render(request, "qa/triage.html", context)


@figures_required
@require_GET
def page_csv(request: AgentRequest) -> HttpResponse:
    chosen, errors = _selection(request, _teams())
    if errors:
        return HttpResponse("\n".join(errors), status=400, content_type="text/plain; charset=utf-8")
    period = chosen.period
    text = exports.text(triage_export.rows(triage.read(period, chosen.team), period))
    response = HttpResponse(text, content_type=CSV)
    response["Content-Disposition"] = f'attachment; filename="triage-{period.first}-{period.last}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@figures_required
@require_GET
def classifiers_part(request: AgentRequest) -> HttpResponse:
    """While one is trained the page asks again and again; if there is nothing new, what is open on it stays open."""
    context = _classifiers(reads.categories())
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return render(request, "qa/_classifiers.html", context)


@classifiers_required
@require_POST
def use(request: AgentRequest, number: int) -> HttpResponse:
    """`seen`: the one in use when the page was opened."""
    model = get_classifier(number)
    in_use = versions.in_use(model.embedder)
    if not classifiers.passes(model):
        return _back("refused")
    if whole(request.POST.get("seen", "")) != in_use:
        return _back("changed")
    if model.pk != in_use:
        versions.activate(model, request.user)
    return _back("used")


@classifiers_required
@require_POST
def train(request: AgentRequest) -> HttpResponse:
    if not classifiers.read({}).new:
        return _back("nothing")
    triage_training.start(request.user)
    return _back("training")


def _back(done: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('qa:triage')}?done={done}#classifiers")


def _said(done: str) -> tuple[str, bool] | None:
    """What came of an action, and whether it was done."""
    return {
        "used": (_("This classifier is in use now. New messages are classified with it."), True),
        "changed": (_("Not changed: somebody else has changed which classifier is in use. Look again."), False),
        "refused": (_("Not changed: this classifier is not good enough, see the reasons below."), False),
        "nothing": (_("Not trained: there are no corrections since the last training."), False),
    }.get(done)


def _teams() -> Teams:
    return dict(Team.objects.values_list("pk", "name"))


def _selection(request: AgentRequest, teams: Teams) -> tuple[Selection, list[str]]:
    """Period and team."""
    params = {name: request.GET.get(name, "") for name in ("days", "from", "to", "team")}
    return selection.read(params, timezone.localdate(), teams, ())


def _asked(request: AgentRequest) -> Asked:
    kind = request.GET.get("tickets", "")
    if kind not in KINDS:
        return Asked()
    return Asked(kind, *(_category(request.GET.get(name)) for name in ("said", "decided")))


def _category(text: str | None) -> str | None:
    if not text:
        return None
    return "" if text == UNCATEGORISED else text[:40]


def _tickets(report: triage.Report, asked: Asked, labels: Labels) -> dict[str, Any]:
    if not asked.kind:
        return {}
    rows = triage.chosen(report.now.rows, asked.kind, asked.said, asked.decided)
    listed = [(row, ticket, triage_shown.ticket_row(row, labels)) for row, ticket in triage.with_tickets(rows)]
    return {"tickets": listed, "tickets_count": len(rows)}


def _figures(report: triage.Report, chosen: Selection, labels: Labels) -> dict[str, Any]:
    there = replace(chosen, preset=None)
    return {
        "tiles": triage_shown.tiles(report, there),
        "by_week": triage_shown.by_week(report, there),
        "weeks": triage_shown.week_rows(report, there),
        "classes": triage_shown.class_rows(report.now, there, labels),
        "confusion": triage_shown.confusion(report.now, there, labels),
        "corrections": report.now.corrections,
        "reliability": triage_shown.reliability(report.now),
        "reliability_rows": triage_shown.reliability_rows(report.now),
        "tones": triage_shown.tones(report),
    }


def _classifiers(labels: Labels) -> dict[str, Any]:
    """`seen`: changes with everything that the part of the page shows."""
    found, training = classifiers.read(labels), triage_training.state()
    newest = found.shown[0].model.pk if found.shown else 0
    return {
        "classifiers": found,
        "training": training,
        "seen": f"{newest}-{found.in_use}-{found.new}-{training.running}",
    }
