"""/lead/help/: the figures of the help center, as a page and as CSV."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_GET

from config import formats
from qa.access import figures_required
from qa.charts import charts
from qa.charts.charts import Column, Part
from qa.metrics import deflection, selection
from qa.metrics.deflection import Deflection, Figures
from qa.metrics.metrics import Share
from qa.metrics.selection import Period, Selection
from qa.pages import exports, wording
from qa.pages.plots import listed
from tickets.access import AgentRequest

CSV = "text/csv; charset=utf-8"
HEAD = ("section", "from", "to", "name", "value", "of", "share", "low_95", "high_95")
PARTS = [
    Part("deflected", gettext_lazy("Deflected"), pgettext_lazy("short", "Deflected")),
    Part("wrote", gettext_lazy("Wrote a ticket"), gettext_lazy("Ticket")),
    Part("neither", gettext_lazy("Neither"), gettext_lazy("Neither")),
]


@dataclass(frozen=True)
class Tile:
    name: str
    value: str
    of: str
    interval: str


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
    response = HttpResponse(exports.text(csv_rows(found)), content_type=CSV)
    name = f"help-center-{chosen.period.first}-{chosen.period.last}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def tiles(figures: Figures) -> list[Tile]:
    return [
        _tile(_("Deflected, at most"), figures.deflected, _of_visits(figures.deflected)),
        _tile(_("Searches answered"), figures.answered, _of_searches(figures.answered)),
        _tile(_("Opened an article"), figures.opened, _of_visits(figures.opened)),
        _tile(_("Wrote a ticket within 24 hours"), figures.tickets, _of_visits(figures.tickets)),
    ]


def _tile(name: str, share: Share, of: str) -> Tile:
    return Tile(name, wording.percent(share.rate), of, wording.interval(share))


def _of_visits(share: Share) -> str:
    words = ngettext(
        "%(part)d of %(whole)d visit with a search", "%(part)d of %(whole)d visits with a search", share.whole
    )
    return words % {"part": share.part, "whole": share.whole}


def _of_searches(share: Share) -> str:
    words = ngettext("%(part)d of %(whole)d search", "%(part)d of %(whole)d searches", share.whole)
    return words % {"part": share.part, "whole": share.whole}


def plot(found: Deflection) -> list[SafeString]:
    """Visits per week and how they ended, in every width."""
    columns = [_column(formats.day_month(week.first), figures, week) for week, figures in found.weeks]
    total = _column(_("Period"), found.now, found.period)
    count = len(found.now.visits)
    words = ngettext("%(period)s: %(count)d visit with a search.", "%(period)s: %(count)d visits with a search.", count)
    words %= {"period": found.period, "count": count}
    words = " ".join([words, listed(PARTS, total), _("One column per week.")])
    title = _("Visits with a search and how they ended")
    return [
        charts.stacks(f"visits-{name}", width, PARTS, columns, total, words, title)
        for name, width in charts.WIDTHS.items()
    ]


def _column(label: str, figures: Figures, period: Period) -> Column:
    link = f"{reverse('qa:help_center')}?{Selection(period).query()}"
    return Column(label, [figures.deflected.part, figures.tickets.part, figures.neither], [link] * len(PARTS))


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
        ("visits that opened an article", figures.opened),
        ("visits that wrote a ticket within 24 h", figures.tickets),
        ("visits deflected, at most", figures.deflected),
    ]
