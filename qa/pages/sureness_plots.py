"""The plots of the page “How sure”, each with the rows of its table."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config import formats
from copilot.confidence.weights import Bin, Weights
from copilot.evaluation.curves import Point
from copilot.models import EvaluationRun
from qa.charts import curves
from qa.charts.curves import Mark, Series
from qa.pages import wording
from qa.pages.plots import HALVES

TABLE_EVERY = 5  # points of a curve
Row = tuple[str, ...]


def points_of(run: EvaluationRun) -> list[Point]:
    return [Point(*each) for each in run.curve]


def in_use(run: EvaluationRun) -> Point | None:
    """The point of the curve nearest to the threshold in use; None without a threshold or a curve."""
    if run.threshold is None:
        return None
    threshold = run.threshold
    return min(points_of(run), key=lambda point: abs(point.threshold - threshold), default=None)


def sentences(run: EvaluationRun) -> list[SafeString]:
    """The verifier: the share of true sentences shown as supported against that of untrue ones."""
    point = in_use(run)
    mark = None
    if point is not None:
        threshold = _("in use: from %(threshold)s on") % {"threshold": formats.decimal(point.threshold, 2)}
        mark = Mark(point.wrong, point.kept, (threshold, said_of_sentences(point)))
    title = _("True and untrue sentences shown as supported")
    return _tradeoffs("sentences", run, mark, _("untrue sentences"), title)


def said_of_sentences(point: Point) -> str:
    return _("%(kept)s true, %(wrong)s untrue") % _shares(point)


def answering(run: EvaluationRun) -> list[SafeString]:
    """Does anything answer: the share of answerable questions with a draft against that of the others."""
    point = in_use(run)
    mark = None
    if point is not None:
        threshold = _("minimum score %(threshold)s") % {"threshold": formats.decimal(point.threshold, 2)}
        mark = Mark(point.wrong, point.kept, (threshold, said_of_answering(point)))
    title = _("Questions with and without an answer that get a draft")
    return _tradeoffs("answering", run, mark, _("questions without an answer"), title)


def said_of_answering(point: Point) -> str:
    shares = {"answered": wording.percent(point.kept), "refused": wording.percent(1 - point.wrong)}
    return _("%(answered)s answered, %(refused)s refused") % shares


def _tradeoffs(name: str, run: EvaluationRun, mark: Mark | None, across: str, title: str) -> list[SafeString]:
    line = [(each.wrong, each.kept) for each in points_of(run)]
    desc = " ".join(mark.lines) if mark else ""
    return [curves.tradeoff(f"{name}-{size}", width, line, mark, across, title, desc) for size, width in HALVES.items()]


def curve_rows(run: EvaluationRun) -> list[Row]:
    """Every fifth point, and the one in use: threshold, share of the right, share of the wrong, "in use"."""
    used = in_use(run)
    chosen = [each for at, each in enumerate(points_of(run)) if at % TABLE_EVERY == 0 or each == used]
    return [
        (
            formats.decimal(each.threshold, 2),
            wording.percent(each.kept),
            wording.percent(each.wrong),
            _("in use") if each == used else "",
        )
        for each in chosen
    ]


def confidence(ours: Weights | None, desk: Sequence[Bin]) -> list[SafeString]:
    """Said and so: our cases and the desk's own drafts."""
    series = []
    if ours is not None:
        series.append(
            Series("ours", _("our test cases (%(count)d)") % {"count": ours.measured.cases}, ours.measured.bins)
        )
    if desk:
        series.append(Series("desk", _("your team’s drafts (%(count)d)") % {"count": drafts_in(desk)}, desk))
    title = _("What was said and what was so")
    desc = ". ".join(one.label for one in series)
    return [
        curves.reliability(f"confidence-{size}", width, series, _("said"), title, desc)
        for size, width in HALVES.items()
    ]


def drafts_in(bins: Sequence[Bin]) -> int:
    return sum(each.count for each in bins)


def bin_rows(bins: Sequence[Bin]) -> list[Row]:
    return [(wording.percent(each.said), wording.percent(each.right), str(each.count)) for each in bins]


def _shares(point: Point) -> dict[str, str]:
    return {"kept": wording.percent(point.kept), "wrong": wording.percent(point.wrong)}
