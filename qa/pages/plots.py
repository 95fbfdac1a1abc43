"""The overview's plots: a report's figures handed to the charts, each with its links."""

from django.utils.safestring import SafeString

from qa.charts import charts, small_charts
from qa.charts.charts import Column, Line, Part
from qa.metrics import metrics
from qa.metrics.reads import BEHIND
from qa.metrics.report import Bucket, Report
from qa.metrics.selection import Selection
from qa.pages import wording
from qa.pages.overview import REVIEW_TARGET, listing

# From the baseline upwards: what was of use lies at the bottom, where heights compare best.
SHORT = ("Accepted", "Edited", "Rejected", "Ignored", "Not yet")
PARTS = [
    Part(str(outcome), BEHIND[str(outcome)].label, short)
    for outcome, short in zip(metrics.OUTCOMES, SHORT, strict=True)
]
HALVES = {"wide": 440, "large": 436, "middle": 660, "narrow": 318}  # widths of a plot beside another one


def _label(bucket: Bucket) -> str:
    return f"{bucket.period.first:%-d %b}"


def _column(label: str, counts: dict[str, int], selection: Selection) -> Column:
    return Column(label, [counts[part.name] for part in PARTS], [listing(selection, part.name) for part in PARTS])


def outcomes(report: Report) -> list[SafeString]:
    """Stacked outcomes per day or week, in every width."""
    there = report.selection
    columns = [_column(_label(b), b.figures.outcomes, there.on(b.period)) for b in report.series]
    total = _column("Period", report.now.outcomes, there)
    named = ", ".join(f"{value} {part.label.lower()}" for part, value in zip(PARTS, total.values, strict=True))
    words = f"{len(report.now.shown)} drafts shown, {there.period}: {named}. One column per {there.period.step}."
    return [
        charts.stacks(f"outcomes-{name}", width, PARTS, columns, total, words) for name, width in charts.WIDTHS.items()
    ]


def review_times(report: Report) -> list[SafeString]:
    """Median seconds from shown to sent per day or week, accepted and edited apart, in every width."""
    now = report.now
    accepted, edited = now.seconds_accepted, now.seconds_edited
    found = [
        Line(
            "edited",
            f"edited {wording.SECONDS(edited.value)}",
            [b.figures.seconds_edited.value for b in report.series],
        ),
        Line(
            "accepted",
            f"accepted {wording.SECONDS(accepted.value)}",
            [b.figures.seconds_accepted.value for b in report.series],
        ),
    ]
    labels = [_label(bucket) for bucket in report.series]
    words = (
        f"Median of the period: accepted {wording.SECONDS(accepted.value)}, edited {wording.SECONDS(edited.value)}."
        f" One point per {report.selection.period.step}; days without a sent draft have none."
    )
    title = "Seconds from shown to sent"
    return [
        charts.lines(f"seconds-{name}", width, labels, found, REVIEW_TARGET, title, words)
        for name, width in charts.WIDTHS.items()
    ]


def distances(report: Report) -> list[SafeString]:
    """How much was edited: the distribution of edit distances, in every width."""
    counts = metrics.distance_classes(report.now.shown)
    links = [listing(report.selection, "edited", distance=number) for number in range(len(counts))]
    burden = report.now.edit_burden.value
    return [small_charts.classes(f"distances-{name}", width, counts, links, burden) for name, width in HALVES.items()]
