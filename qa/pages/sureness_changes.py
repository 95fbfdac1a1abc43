"""What changed from one kept evaluation to another, as rows of text."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import formats
from copilot.models import EvaluationRun
from qa.metrics import evaluations
from qa.metrics.evaluations import RELEASED, Changes, Shown
from qa.pages import wording

LISTED = 30  # cases that got better, and that got worse
SHORT_HASH = 10

OUTCOMES: Mapping[str, str | Promise] = {
    "right": gettext_lazy("right draft"),
    "wrong": gettext_lazy("wrong or incomplete draft"),
    "missing": gettext_lazy("no draft, although the articles answer it"),
    "refused": gettext_lazy("rightly no draft"),
    "kept": gettext_lazy("true, shown as supported"),
    "doubted": gettext_lazy("true, but marked as doubtful"),
    "passed": gettext_lazy("untrue, but shown as supported"),
    "caught": gettext_lazy("untrue, and marked"),
}


def _rounded(value: float) -> str:
    return formats.decimal(value, 0)


def _seconds(value: float) -> str:
    return _("%(number)s s") % {"number": formats.decimal(value / 1000, 1)}


def _area(value: float) -> str:
    return formats.decimal(value, 3)


@dataclass(frozen=True)
class Figure:
    """`better`: 1 if more is better, −1 if less is, 0 if that depends."""

    label: str | Promise
    words: Callable[[float], str]
    better: int


FIGURES = {
    "answer_hit_rate": Figure(gettext_lazy("Right drafts, of questions with an answer"), formats.percent, 1),
    "answered": Figure(gettext_lazy("Answered, of questions with an answer"), formats.percent, 1),
    "refused": Figure(gettext_lazy("Refused, of questions without one"), formats.percent, 1),
    "forbidden": Figure(gettext_lazy("Drafts that say something forbidden"), _rounded, -1),
    "unsupported_rate": Figure(gettext_lazy("Sentences not shown as supported"), formats.percent, -1),
    "citation_validity": Figure(gettext_lazy("Citations that exist"), formats.percent, 1),
    "median_words": Figure(gettext_lazy("Words of a draft (median)"), _rounded, 0),
    "ttft_p50_ms": Figure(gettext_lazy("First text after (median)"), _seconds, -1),
    "total_p50_ms": Figure(gettext_lazy("Whole draft after (median)"), _seconds, -1),
    "unsupported_passed": Figure(gettext_lazy("Untrue sentences shown as supported"), formats.percent, -1),
    "supported_kept": Figure(gettext_lazy("True sentences shown as supported"), formats.percent, 1),
    "ms_per_claim": Figure(gettext_lazy("Time for one sentence"), _seconds, -1),
    "auc": Figure(gettext_lazy("Area under the curve"), _area, 1),
}


@dataclass(frozen=True)
class Row:
    """`judged`: "better", "worse" or ""."""

    label: str
    now: str
    before: str
    judged: str = ""


@dataclass(frozen=True)
class CaseRow:
    text: str
    kind: str
    now: str


@dataclass(frozen=True)
class Comparison:
    rows: Sequence[Row]
    better: Sequence[CaseRow]
    worse: Sequence[CaseRow]
    found: Changes
    same_cases: bool


def compared(shown: Shown) -> Comparison | None:
    """None where there is nothing to compare with."""
    now, before = shown.now, shown.before
    if before is None:
        return None
    found = evaluations.changes(now, before)
    return Comparison(
        [*setup_rows(now, before), *figure_rows(now.figures, before.figures)],
        [case_row(each) for each in found.better[:LISTED]],
        [case_row(each) for each in found.worse[:LISTED]],
        found,
        now.case_hash == before.case_hash,
    )


def setup_rows(now: EvaluationRun, before: EvaluationRun) -> list[Row]:
    """Model, prompts, threshold and cases, where they differ."""
    rows = [
        Row(_("Model"), model_name(now), model_name(before)),
        *(
            Row(_("Prompt “%(name)s”") % {"name": step}, now.prompts.get(step, "–"), before.prompts.get(step, "–"))
            for step in sorted({*now.prompts, *before.prompts})
        ),
        Row(_("Threshold"), _threshold(now), _threshold(before)),
        Row(_("Cases"), f"{now.case_file} {now.case_hash}", f"{before.case_file} {before.case_hash}"),
    ]
    return [row for row in rows if row.now != row.before]


def figure_rows(now: Mapping[str, Any], before: Mapping[str, Any]) -> list[Row]:
    there = [(name, figure) for name, figure in FIGURES.items() if name in now or name in before]
    return [_figure_row(figure, now.get(name), before.get(name)) for name, figure in there]


def _figure_row(figure: Figure, now: float | None, before: float | None) -> Row:
    said = [wording.NOTHING if value is None else figure.words(value) for value in (now, before)]
    judged = ""
    if now is not None and before is not None and said[0] != said[1] and figure.better:
        judged = _("better") if (now > before) == (figure.better > 0) else _("worse")
    return Row(str(figure.label), said[0], said[1], judged)


def case_row(case: Mapping[str, Any]) -> CaseRow:
    return CaseRow(case["text"], kind_name(case["kind"]), str(OUTCOMES.get(case["outcome"], case["outcome"])))


def kind_name(kind: str) -> str:
    """Kinds are named by who wrote the cases."""
    return kind.replace("_", " ").capitalize() or "–"


def model_name(run: EvaluationRun) -> str:
    """With the beginning of its hash: a file of the same name may be another model."""
    if not run.model:
        return _("without a model")
    return f"{run.model} {run.model_sha256[:SHORT_HASH]}".strip()


def _threshold(run: EvaluationRun) -> str:
    return wording.distance(run.threshold)


def run_name(run: EvaluationRun) -> str:
    if run.pk is None:
        return _("Shipped with Copydesk")
    day = timezone.localtime(run.created_at)
    return f"{formats.day_month_year(day.date())}, {day:%H:%M}"


def choices(shown: Shown) -> list[tuple[str, str, bool]]:
    """Value, name and whether it is chosen, of every run that the newest can be compared with."""
    return [(str(each.pk or RELEASED), run_name(each), _is(each, shown.before)) for each in shown.choices]


def _is(run: EvaluationRun, other: EvaluationRun | None) -> bool:
    return other is not None and run.pk == other.pk
