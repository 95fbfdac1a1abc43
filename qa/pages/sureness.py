"""/lead/sure/: how sure drafts are, how that was measured, and what changed since the last measurement."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from copilot.confidence import judging
from copilot.confidence.weights import Bin, Weights
from copilot.models import EvaluationRun
from qa.access import figures_required
from qa.metrics import evaluations, sureness
from qa.metrics.evaluations import Shown
from qa.pages import sureness_changes, sureness_plots, wording
from qa.pages.sureness_changes import Comparison
from qa.pages.sureness_plots import Row
from tickets.access import AgentRequest

Kind = EvaluationRun.Kind
COMMANDS = ("manage.py evaluate_drafts --keep", "manage.py evaluate_grounding --keep")


@dataclass(frozen=True)
class Measured:
    """One kind of evaluation on the page. `field`: of the form that chooses the run to compare with."""

    field: str
    title: str
    shown: Shown
    plot: Sequence[SafeString]
    rows: Sequence[Row]
    kind_names: Sequence[str]
    kinds: Sequence[tuple[str, Sequence[int]]]
    said: str
    other_model: bool

    @property
    def run(self) -> EvaluationRun:
        return self.shown.now

    @property
    def run_name(self) -> str:
        return sureness_changes.run_name(self.run)

    @property
    def model(self) -> str:
        return sureness_changes.model_name(self.run)

    @property
    def count(self) -> int:
        return len(self.run.cases)

    @property
    def area(self) -> str:
        return wording.distance(self.run.figures.get("auc"))

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        return sureness_changes.choices(self.shown)

    @property
    def chosen(self) -> str:
        return next((value for value, _name, is_chosen in self.choices if is_chosen), "")

    @property
    def compared_with(self) -> str:
        return sureness_changes.run_name(self.shown.before) if self.shown.before else ""

    @property
    def changes(self) -> Comparison | None:
        return sureness_changes.compared(self.shown)


@figures_required
@require_GET
def page(request: AgentRequest) -> HttpResponse:
    drafts, sentences = (evaluations.read(kind, request.GET.get(kind, "")) for kind in (Kind.DRAFTS, Kind.GROUNDING))
    ours, desk = judging.weights_of_writer(), sureness.of_desk()
    reviewed = sureness_plots.drafts_in(desk)
    enough = reviewed >= sureness.ENOUGH
    context = {
        "ours": ours,
        "reviewed": reviewed,
        "enough": enough,
        "least": sureness.ENOUGH,
        "newest": sureness.NEWEST,
        "writer": settings.COPILOT_MODEL,
        "commands": COMMANDS,
        "confidence": sureness_plots.confidence(ours, desk if enough else ()) if ours or enough else [],
        "bins": _bins(ours, desk if enough else ()),
        "answering": (answers := _answering(drafts)),
        "sentences": (checked := _sentences(sentences)),
        "both": (answers, checked),
        "errors": [_unknown(shown) for shown in (drafts, sentences) if shown.unknown],
    }
    return render(request, "qa/sureness.html", context)


def _bins(ours: Weights | None, desk: Sequence[Bin]) -> list[tuple[str, list[Row]]]:
    """The tables beside the plot: whose drafts, and the rows."""
    found = [(_("Our test cases"), ours.measured.bins if ours else ()), (_("Your team’s drafts"), desk)]
    return [(name, sureness_plots.bin_rows(bins)) for name, bins in found if bins]


def _answering(shown: Shown) -> Measured:
    run = shown.now
    return Measured(
        field=Kind.DRAFTS,
        title=_("Does it answer?"),
        shown=shown,
        plot=sureness_plots.answering(run),
        rows=sureness_plots.curve_rows(run),
        kind_names=(_("Cases"), _("With a draft"), _("Right drafts")),
        kinds=_kinds(run, ("cases", "answered", "hits")),
        said=sureness_plots.said_of_answering(sureness_plots.in_use(run)),
        other_model=_is_other(run),
    )


def _sentences(shown: Shown) -> Measured:
    run = shown.now
    return Measured(
        field=Kind.GROUNDING,
        title=_("Is each sentence supported?"),
        shown=shown,
        plot=sureness_plots.sentences(run),
        rows=sureness_plots.curve_rows(run),
        kind_names=(_("Sentences"), _("Supported"), _("Weak"), _("Unsupported")),
        kinds=_kinds(run, ("rows", "supported", "weak", "unsupported")),
        said=sureness_plots.said_of_sentences(sureness_plots.in_use(run)),
        other_model=_is_other(run),
    )


def _kinds(run: EvaluationRun, names: Sequence[str]) -> list[tuple[str, Sequence[int]]]:
    kinds = sorted(run.figures.get("per_kind", {}).items())
    return [(sureness_changes.kind_name(kind), [counts[name] for name in names]) for kind, counts in kinds]


def _is_other(run: EvaluationRun) -> bool:
    """Whether the run is of another model than the one in use, as far as that is known."""
    return run.model != settings.COPILOT_MODEL or not settings.LLM_EMBEDDED


def _unknown(shown: Shown) -> str:
    name = sureness_changes.run_name(shown.before) if shown.before else ""
    return _("There is no such measurement. The newest is compared with: %(name)s.") % {"name": name}
