"""/lead/help/: the help center's figures in words, as a plot by week, and as CSV."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET

from qa.access import figures_required
from qa.charts import charts
from qa.charts.charts import Column, Part
from qa.metrics import deflection, selection
from qa.metrics.deflection import Deflection, Figures
from qa.metrics.metrics import Share
from qa.metrics.selection import Period, Selection
from qa.pages import exports, wording
from tickets.access import AgentRequest

CSV = "text/csv; charset=utf-8"
HEAD = ("section", "from", "to", "name", "value", "of", "share", "low_95", "high_95")
PARTS = [
    Part("deflected", "Deflected", "Deflected"),
    Part("wrote", "Wrote a ticket", "Ticket"),
    Part("left", "Neither", "Neither"),
]


@dataclass(frozen=True)
class Tile:
    name: str
    value: str
    of: str
    sure: str


@figures_required
@require_GET
def page(request: AgentRequest) -> HttpResponse:
    chosen, errors = selection.read(request.GET, timezone.localdate(), (), ())
    found = deflection.read(chosen.period)
    context = {
        "selection": chosen,
        "errors": errors,
        "presets": selection.PRESETS,
        "today": timezone.localdate(),
        "found": found,
        "tiles": tiles(found.now),
        "plot": plot(found) if found.now.visits else [],
        "empty": not (found.now.visits or found.running or found.votes or found.unanswered),
        "rows": [(week, figures) for week, figures in found.weeks],
        "parts": PARTS,
    }
    return render(request, "qa/help_center.html", context)


@figures_required
@require_GET
def page_csv(request: AgentRequest) -> HttpResponse:
    chosen, errors = selection.read(request.GET, timezone.localdate(), (), ())
    if errors:
        return HttpResponse("\n".join(errors), status=400, content_type="text/plain; charset=utf-8")
    found = deflection.read(chosen.period)
    response = HttpResponse("".join(exports.lines(csv_rows(found))), content_type=CSV)
    name = f"help-center-{chosen.period.first}-{chosen.period.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def tiles(figures: Figures) -> list[Tile]:
    visits = f"of {len(figures.visits)} visits with a search"
    return [
        _tile("Deflected, at most", figures.deflected, f"{figures.deflected.part} {visits}"),
        _tile("Searches answered", figures.answered, f"{figures.answered.part} of {figures.searches} searches"),
        _tile("Opened an answer", figures.opened, f"{figures.opened.part} {visits}"),
        _tile("Wrote a ticket within 24 h", figures.tickets, f"{figures.tickets.part} {visits}"),
    ]


def _tile(name: str, share: Share, of: str) -> Tile:
    low, high = share.interval
    sure = f"95% sure: {low * 100:.0f}–{high * 100:.0f}%" if share.whole else ""
    return Tile(name, wording.percent(share.rate), of, sure)


def plot(found: Deflection) -> list[SafeString]:
    """Visits per week by what became of them, in every width."""
    columns = [_column(f"{week.first:%-d %b}", figures, week) for week, figures in found.weeks]
    total = _column("Period", found.now, found.period)
    named = ", ".join(f"{value} {part.label.lower()}" for part, value in zip(PARTS, total.values, strict=True))
    words = f"{len(found.now.visits)} visits with a search, {found.period}: {named}. One column per week."
    title = "Visits with a search and what became of them"
    return [
        charts.stacks(f"visits-{name}", width, PARTS, columns, total, words, title)
        for name, width in charts.WIDTHS.items()
    ]


def _column(label: str, figures: Figures, period: Period) -> Column:
    link = f"{reverse('qa:help_center')}?{Selection(period).query()}"
    return Column(label, [figures.deflected.part, figures.tickets.part, figures.left], [link] * len(PARTS))


def csv_rows(found: Deflection) -> Iterator[Sequence[object]]:
    yield HEAD
    for section, period, figures in [("period", found.period, found.now), *(("week", *week) for week in found.weeks)]:
        span = (section, period.first, period.last)
        for name, share in _shares(figures):
            low, high = share.interval if share.whole else (None, None)
            yield (*span, name, share.part, share.whole, share.rate, low, high)
    span = ("", found.period.first, found.period.last)
    for search in found.unanswered:
        yield ("unanswered search", *span[1:], search.query, search.times, "", "", "", "")
    for votes in found.votes:
        share = Share(votes.helped, votes.helped + votes.not_helped)
        yield ("votes: helped", *span[1:], votes.title, share.part, share.whole, share.rate, *share.interval)


def _shares(figures: Figures) -> list[tuple[str, Share]]:
    return [
        ("searches answered", figures.answered),
        ("visits that opened an answer", figures.opened),
        ("visits that wrote a ticket within 24 h", figures.tickets),
        ("visits deflected, at most", figures.deflected),
    ]
