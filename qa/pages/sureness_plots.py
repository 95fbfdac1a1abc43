"""The plots of the page “How sure”, each with the rows of its table."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config import formats
from copilot.confidence.weights import Bin, Weights
from copilot.evaluation.curves import Point
from copilot.models import EvaluationRun
from qa.charts import curves
from qa.charts.curves import Axes, Mark, Series
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
        threshold = _("in use: %(threshold)s") % {"threshold": formats.decimal(point.threshold, 2)}
        mark = Mark(point.wrong, point.kept, (threshold, _("%(kept)s true, %(wrong)s untrue") % _shares(point)))
    axes = Axes(_("untrue sentences"), _("true sentences shown as supported"))
    return _tradeoffs("sentences", run, mark, axes, _("True and untrue sentences shown as supported"))


def said_of_sentences(point: Point | None) -> str:
    if point is None:
        return ""
    words = _("%(kept)s of the true sentences and %(wrong)s of the untrue ones are shown as supported.")
    return words % _shares(point)


def answering(run: EvaluationRun) -> list[SafeString]:
    """Does anything answer: the share of answerable questions with a draft against that of the others."""
    point = in_use(run)
    mark = None
    if point is not None:
        threshold = _("minimum score %(threshold)s") % {"threshold": formats.decimal(point.threshold, 2)}
        words = _("%(kept)s answered, %(left)s refused") % _shares(point)
        mark = Mark(point.wrong, point.kept, (threshold, words))
    axes = Axes(_("questions without an answer"), _("questions with an answer that get a draft"))
    return _tradeoffs("answering", run, mark, axes, _("Questions with and without an answer that get a draft"))


def said_of_answering(point: Point | None) -> str:
    if point is None:
        return ""
    words = _("%(kept)s of the questions with an answer get a draft, and %(left)s of the others rightly get none.")
    return words % _shares(point)


def _tradeoffs(name: str, run: EvaluationRun, mark: Mark | None, axes: Axes, title: str) -> list[SafeString]:
    line = [(each.wrong, each.kept) for each in points_of(run)]
    desc = " ".join(mark.lines) if mark else ""
    return [curves.tradeoff(f"{name}-{size}", width, line, mark, axes, title, desc) for size, width in HALVES.items()]


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
    axes = Axes(_("said to be right"), _("were right"))
    title = _("What was said and what was so")
    desc = ". ".join(one.label for one in series)
    return [
        curves.reliability(f"confidence-{size}", width, series, axes, title, desc) for size, width in HALVES.items()
    ]


def drafts_in(bins: Sequence[Bin]) -> int:
    return sum(each.count for each in bins)


def bin_rows(bins: Sequence[Bin]) -> list[Row]:
    return [(wording.percent(each.said), wording.percent(each.right), str(each.count)) for each in bins]


def _shares(point: Point) -> dict[str, str]:
    """As text: of the right, of the wrong, and those of the wrong that do not pass."""
    return {
        "kept": wording.percent(point.kept),
        "wrong": wording.percent(point.wrong),
        "left": wording.percent(1 - point.wrong),
    }
