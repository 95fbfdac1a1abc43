"""The team lead's pages on drafts: the figures, the rows behind them, both as CSV."""

from typing import TypeVar

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from copilot.models import Draft
from qa.access import figures_required
from qa.metrics import reads, selection
from qa.metrics.reads import BEHIND, FIRST_RESPONSE
from qa.metrics.report import report
from qa.metrics.selection import Selection
from qa.pages import exports, listing, overview, plots, wording
from qa.pages.listing import Wanted
from tickets.access import AgentRequest, works_tickets
from tickets.models import Team, User

CSV = "text/csv; charset=utf-8"
R = TypeVar("R", bound=HttpResponseBase)


class Choices:
    """What can be filtered by, with names: three queries."""

    def __init__(self) -> None:
        self.teams: dict[int, str] = dict(Team.objects.values_list("pk", "name"))
        people = list(User.objects.order_by("first_name", "last_name", "username"))
        self.people: dict[int, str] = {person.pk: person.name for person in people}
        self.agents: dict[int, str] = {person.pk: person.name for person in people if works_tickets(person)}
        self.categories = {category: wording.category_name(category) for category in reads.categories()}

    def read(self, request: AgentRequest) -> tuple[Selection, list[str]]:
        return selection.read(request.GET, timezone.localdate(), self.teams, self.people)

    def context(self, chosen: Selection, errors: list[str]) -> dict[str, object]:
        """What the filter form of both pages needs."""
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
        "agents": overview.agent_rows(found, choices.people),
        "categories": overview.category_rows(found),
        "series": overview.series_rows(found),
        "parts": plots.PARTS,
    }
    return render(request, "qa/overview.html", choices.context(chosen, errors) | shown)


@figures_required
@require_GET
def drafts(request: AgentRequest) -> HttpResponse:
    choices = Choices()
    wanted, errors = _wanted(request, choices)
    found = listing.page(wanted, request.GET.get("after", ""))
    shown = {
        "wanted": wanted,
        "page": found,
        "count": wanted.rows().count(),
        "older": wanted.query(after=found.after) if found.after else "",
        "first_page": not request.GET.get("after"),
        "figures": {name: what.label for name, what in BEHIND.items()} | {FIRST_RESPONSE: "First responses"},
    }
    return render(request, "qa/drafts.html", choices.context(wanted.selection, errors) | shown)


@figures_required
@require_GET
def figures_csv(request: AgentRequest) -> HttpResponse:
    choices = Choices()
    chosen, errors = choices.read(request)
    if errors:
        return _refused(errors)
    lines = exports.lines(exports.figures(report(chosen), choices.people))
    return _as_file(HttpResponse("".join(lines), content_type=CSV), "figures", chosen)


@figures_required
@require_GET
def drafts_csv(request: AgentRequest) -> HttpResponseBase:
    wanted, errors = _wanted(request, Choices())
    if errors:
        return _refused(errors)
    response = StreamingHttpResponse(exports.rows(wanted), content_type=CSV)
    return _as_file(response, wanted.figure.replace("_", "-"), wanted.selection)


def _wanted(request: AgentRequest, choices: Choices) -> tuple[Wanted, list[str]]:
    """The figure whose rows are asked for; what cannot be understood is said and left out."""
    chosen, errors = choices.read(request)
    figure = request.GET.get("figure") or "shown"
    if figure not in BEHIND and figure != FIRST_RESPONSE:
        errors.append(f"There is no figure “{figure[:20]}”. Listed are all drafts shown.")
        figure = "shown"
    reason, distance = request.GET.get("reason", ""), request.GET.get("distance", "")
    if reason and reason not in Draft.Reason.values:
        errors.append(f"There is no reason “{reason[:20]}”. Listed is every reason.")
        reason = ""
    if distance and distance not in set("0123456789"):
        errors.append(f"“{distance[:20]}” is not a class of edit distance (0 to 9). Listed is every distance.")
        distance = ""
    return (
        Wanted(
            chosen,
            figure,
            reason if figure == "rejected" else "",
            int(distance) if distance and figure == "edited" else None,
        ),
        errors,
    )


def _refused(errors: list[str]) -> HttpResponse:
    """A file has no room for a message, and a file of the wrong period would be believed."""
    return HttpResponse("\n".join(errors), status=400, content_type="text/plain; charset=utf-8")


def _as_file(response: R, name: str, chosen: Selection) -> R:
    period = chosen.period
    response["Content-Disposition"] = f'attachment; filename="drafts-{name}-{period.first}-{period.last}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
