"""/lead/sources/: which articles drafts may use, who owns them, and how well they cover what customers ask."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from config.numbers import whole
from qa.access import figures_required
from qa.charts import coverage_chart
from qa.metrics import coverage, reads, sources
from qa.metrics.report import Report, report
from qa.metrics.selection import UNCATEGORISED, Selection, last_days
from qa.metrics.sources import NO_OWNER, Source
from qa.pages import exports, sources_export, wording
from qa.pages.overview import listing
from qa.pages.views import CSV
from tickets.access import AgentRequest

MOST = 400  # articles on the page


@figures_required
@require_GET
def page(request: AgentRequest) -> HttpResponse:
    (found, figures), labels = _read(), reads.categories()
    selection = figures.selection
    state = request.GET.get("state", "")
    state = state if state in sources.STATES else ""
    owner, category = _owner(request.GET.get("owner", "")), _category(request.GET.get("category"))
    shown = sources.chosen(found, state, owner, category)
    asked = _category(request.GET.get("tickets"))
    named = "" if category is None else wording.category_name(category, labels)
    rows = coverage.rows(figures, coverage.tickets(selection.period), found)
    links = [listing(selection.on(bucket.period), "no_source") for bucket in figures.series]
    context = {
        "all": len(found),
        "states": [(name, label, sum(each.matches(name) for each in found)) for name, label in sources.STATES.items()],
        "state": state,
        "freshness": sources.freshness(found),
        "in_time": wording.percent(sources.freshness(found).in_time.rate),
        "owners": sources.owners(found),
        "rows": [_coverage_row(row, selection, labels) for row in rows],
        "chart": coverage_chart.gap_rate(figures.series, links),
        "drafts_ended": figures.now.gap_rate.whole,
        "shown": shown[:MOST],
        "filtered": bool(state or owner is not None or category is not None),
        "filters": _filter_names(found, state, owner, named),
        "tickets": coverage.newest(selection.period, asked) if asked is not None else None,
        "tickets_of": wording.category_name(asked or "", labels),
        "now": timezone.now(),
    }
    return render(request, "qa/sources.html", context)


@figures_required
@require_GET
def articles_csv(request: AgentRequest) -> HttpResponse:
    return _file("articles", exports.text(sources_export.articles(sources.read(timezone.now()))))


@figures_required
@require_GET
def figures_csv(request: AgentRequest) -> HttpResponse:
    found, figures = _read()
    rows = coverage.rows(figures, coverage.tickets(figures.selection.period), found)
    return _file("figures", exports.text(sources_export.figures(found, rows, figures)))


def _read() -> tuple[list[Source], Report]:
    selection = Selection(last_days(coverage.DAYS, timezone.localdate()), preset=coverage.DAYS)
    return sources.read(timezone.now()), report(selection)


def _coverage_row(row: coverage.Row, selection: Selection, labels: Mapping[str, str]) -> dict[str, object]:
    name = row.category or UNCATEGORISED
    narrowed = Selection(selection.period, None, category=row.category)
    here = reverse("qa:sources")
    return {
        "row": row,
        "name": wording.category_name(row.category, labels),
        "found": wording.percent(row.found.rate),
        "gaps": wording.percent(row.gaps.rate),
        "acceptance": wording.percent(row.acceptance.rate),
        "tickets_url": f"{here}?{urlencode({'tickets': name})}#tickets",
        "articles_url": f"{here}?{urlencode({'category': name, 'state': 'usable'})}#articles",
        "found_url": listing(narrowed, "finished"),
        "gaps_url": listing(narrowed, "no_source"),
        "acceptance_url": listing(narrowed, "used"),
    }


def _filter_names(found: list[Source], state: str, owner: int | None, category: str) -> str:
    """`category`: its name."""
    names = {number: name for number, name, count in sources.owners(found)}
    parts = [
        str(sources.STATES.get(state, "")),
        names.get(owner, _("unknown owner")) if owner is not None else "",
        category,
    ]
    return ", ".join(part for part in parts if part)


def _owner(text: str) -> int | None:
    if text == "none":
        return NO_OWNER
    return whole(text)


def _category(text: str | None) -> str | None:
    if not text:
        return None
    return "" if text == UNCATEGORISED else text[:40]


def _file(name: str, text: str) -> HttpResponse:
    response = HttpResponse(text, content_type=CSV)
    response["Content-Disposition"] = f'attachment; filename="sources-{name}-{timezone.localdate()}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
