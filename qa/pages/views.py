"""/lead/: the figures on drafts and the rows that each figure counts, as pages and as CSV."""

from typing import TypeVar

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from copilot.models import Draft
from qa.access import figures_required
from qa.metrics import reads, selection
from qa.metrics.reads import COUNTED, FIRST_RESPONSE
from qa.metrics.report import report
from qa.metrics.selection import Selection
from qa.pages import exports, listing, overview, plots
from qa.pages.listing import FigureList
from tickets.access import AgentRequest, works_tickets
from tickets.models import Team, User

CSV = "text/csv; charset=utf-8"
R = TypeVar("R", bound=HttpResponseBase)


class Choices:
    """The options of the filters, with names. Three queries."""

    def __init__(self) -> None:
        self.teams: dict[int, str] = dict(Team.objects.values_list("pk", "name"))
        members = list(User.objects.order_by("first_name", "last_name", "username"))
        self.members: dict[int, str] = {member.pk: member.name for member in members}
        self.agents: dict[int, str] = {member.pk: member.name for member in members if works_tickets(member)}
        self.categories = reads.categories()

    def read(self, request: AgentRequest) -> tuple[Selection, list[str]]:
        return selection.read(request.GET, timezone.localdate(), self.teams, self.members)

    def context(self, chosen: Selection, errors: list[str]) -> dict[str, object]:
        """The context of `_filters.html`."""
        return {
            "choices": self,
            "selection": chosen,
            "errors": errors,
            "presets": selection.PRESETS,
            "filters": chosen.filters(),
            "today": timezone.localdate(),
        }


@figures_required
@require_GET
def page(request: AgentRequest) -> HttpResponse:
    choices = Choices()
    chosen, errors = choices.read(request)
    found = report(chosen)
    shown = {
        "report": found,
        "tiles": overview.tiles(found),
        "outcomes": plots.outcomes(found),
        "review_times": plots.review_times(found),
        "distances": plots.distances(found),
        "reasons": overview.reason_rows(found),
        "endings": overview.ending_rows(found),
        "agents": overview.agent_rows(found, choices.members),
        "categories": overview.category_rows(found, choices.categories),
        "series": overview.series_rows(found),
        "parts": plots.PARTS,
    }
    return render(request, "qa/overview.html", choices.context(chosen, errors) | shown)


@figures_required
@require_GET
def drafts(request: AgentRequest) -> HttpResponse:
    choices = Choices()
    listed, errors = _listed(request, choices)
    found = listing.page(listed, request.GET.get("after", ""))
    shown = {
        "listed": listed,
        "page": found,
        "count": listed.rows().count(),
        "older": listed.query(after=found.after) if found.after else "",
        "first_page": not request.GET.get("after"),
        "figures": {name: what.label for name, what in COUNTED.items()} | {FIRST_RESPONSE: _("First responses")},
    }
    return render(request, "qa/drafts.html", choices.context(listed.selection, errors) | shown)


@figures_required
@require_GET
def figures_csv(request: AgentRequest) -> HttpResponse:
    choices = Choices()
    chosen, errors = choices.read(request)
    if errors:
        return _refused(errors)
    text = exports.text(exports.figures(report(chosen), choices.members))
    return _as_file(HttpResponse(text, content_type=CSV), "figures", chosen)


@figures_required
@require_GET
def drafts_csv(request: AgentRequest) -> HttpResponseBase:
    listed, errors = _listed(request, Choices())
    if errors:
        return _refused(errors)
    response = StreamingHttpResponse(exports.rows(listed), content_type=CSV)
    return _as_file(response, listed.figure.replace("_", "-"), listed.selection)


def _listed(request: AgentRequest, choices: Choices) -> tuple[FigureList, list[str]]:
    """The list in the address, and what is wrong with it. A wrong value is ignored."""
    chosen, errors = choices.read(request)
    figure = request.GET.get("figure") or "shown"
    if figure not in COUNTED and figure != FIRST_RESPONSE:
        errors.append(_("There is no figure “%(value)s”. All shown drafts are listed.") % {"value": figure[:20]})
        figure = "shown"
    reason, distance = request.GET.get("reason", ""), request.GET.get("distance", "")
    if reason and reason not in Draft.Reason.values:
        errors.append(_("There is no reason “%(value)s”. All reasons are listed.") % {"value": reason[:20]})
        reason = ""
    if distance and distance not in set("0123456789"):
        errors.append(
            _("“%(value)s” is not a class of edit distance (0 to 9). All distances are listed.")
            % {"value": distance[:20]}
        )
        distance = ""
    return (
        FigureList(
            chosen,
            figure,
            reason if figure == "rejected" else "",
            int(distance) if distance and figure == "edited" else None,
        ),
        errors,
    )


def _refused(errors: list[str]) -> HttpResponse:
    """No file at all: in a file with the defaults nobody would notice the mistake."""
    return HttpResponse("\n".join(errors), status=400, content_type="text/plain; charset=utf-8")


def _as_file(response: R, name: str, chosen: Selection) -> R:
    period = chosen.period
    response["Content-Disposition"] = f'attachment; filename="drafts-{name}-{period.first}-{period.last}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
