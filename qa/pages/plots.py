"""The plots of the overview, each with its links."""

from collections.abc import Sequence

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config import formats
from qa.charts import charts, small_charts
from qa.charts.charts import Column, Line, Part
from qa.metrics import metrics
from qa.metrics.reads import COUNTED
from qa.metrics.report import Bucket, Report
from qa.metrics.selection import Period, Selection
from qa.pages import wording
from qa.pages.overview import REVIEW_TARGET, listing

# From the baseline upwards: drafts that were used lie at the bottom, where heights are easiest to compare.
SHORT = (
    gettext_lazy("Accepted"),
    gettext_lazy("Edited"),
    gettext_lazy("Rejected"),
    gettext_lazy("Ignored"),
    gettext_lazy("Not yet"),
)
PARTS = [
    Part(str(outcome), COUNTED[str(outcome)].label, short)
    for outcome, short in zip(metrics.OUTCOMES, SHORT, strict=True)
]
HALVES = {"wide": 440, "large": 436, "middle": 660, "narrow": 318}  # widths of a plot in half a row


def _label(bucket: Bucket) -> str:
    return formats.day_month(bucket.period.first)


def _column(label: str, counts: dict[str, int], selection: Selection) -> Column:
    return Column(label, [counts[part.name] for part in PARTS], [listing(selection, part.name) for part in PARTS])


def outcomes(report: Report) -> list[SafeString]:
    """Outcomes per day or week as stacked columns, in every width."""
    there = report.selection
    columns = [_column(_label(b), b.figures.outcomes, there.on(b.period)) for b in report.series]
    total = _column(_("Period"), report.now.outcomes, there)
    count = len(report.now.shown)
    words = ngettext("%(period)s: %(count)d draft shown.", "%(period)s: %(count)d drafts shown.", count) % {
        "period": there.period,
        "count": count,
    }
    words = " ".join([words, listed(PARTS, total), per_step(there.period)])
    title = _("Drafts shown and what became of them")
    return [
        charts.stacks(f"outcomes-{name}", width, PARTS, columns, total, words, title)
        for name, width in charts.WIDTHS.items()
    ]


def listed(parts: Sequence[Part], total: Column) -> str:
    """Every part with its count, for the description of a plot."""
    return ", ".join(f"{part.label}: {value}" for part, value in zip(parts, total.values, strict=True)) + "."


def per_step(period: Period) -> str:
    return _("One column per day.") if period.daily else _("One column per week.")


def review_times(report: Report) -> list[SafeString]:
    """Median seconds from shown to sent per day or week, separately for accepted and edited drafts, in every width."""
    now = report.now
    accepted, edited = now.seconds_accepted, now.seconds_edited
    medians = {"accepted": wording.SECONDS(accepted.value), "edited": wording.SECONDS(edited.value)}
    found = [
        Line("edited", _("edited %(edited)s") % medians, [b.figures.seconds_edited.value for b in report.series]),
        Line(
            "accepted", _("accepted %(accepted)s") % medians, [b.figures.seconds_accepted.value for b in report.series]
        ),
    ]
    labels = [_label(bucket) for bucket in report.series]
    words = _("Medians of the period: accepted %(accepted)s, edited %(edited)s.") % medians
    points = _("One point for each week with a sent draft.")
    if report.selection.period.daily:
        points = _("One point for each day with a sent draft.")
    title = _("Seconds from shown to sent")
    return [
        charts.lines(f"seconds-{name}", width, labels, found, REVIEW_TARGET, title, f"{words} {points}")
        for name, width in charts.WIDTHS.items()
    ]


def distances(report: Report) -> list[SafeString]:
    """How much was edited: a histogram of edit distances, in every width."""
    counts = metrics.distance_classes(report.now.shown)
    links = [listing(report.selection, "edited", distance=number) for number in range(len(counts))]
    burden = report.now.edit_burden.value
    return [small_charts.histogram(f"distances-{name}", width, counts, links, burden) for name, width in HALVES.items()]
