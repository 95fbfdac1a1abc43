"""CSV of the page on triage: one figure per row, as in the other files of figures."""

from collections.abc import Iterator, Sequence

from qa.metrics.selection import Period
from qa.metrics.triage import Figures, Report
from qa.pages import wording
from qa.pages.exports import FIGURE_HEAD, figure_row, share_row


def rows(report: Report, period: Period) -> Iterator[Sequence[object]]:
    yield FIGURE_HEAD
    for section, span, found in [
        ("period", period, report.now),
        ("period before", period.before, report.before),
        *(("week", week, found) for week, found in report.weeks),
    ]:
        yield from _figures(section, span, found)
    yield share_row("period", period, "", "sentiment corrected", report.sentiment)
    yield share_row("period", period, "", "urgency corrected", report.urgency)
    yield from _classes(report.now, period)
    for place in report.now.bins:
        yield figure_row("confidence", period, f"{place.said:.2f}", "right", place.right, "share", None, place.count)


def _figures(section: str, period: Period, found: Figures) -> Iterator[Sequence[object]]:
    yield share_row(section, period, "", "accuracy", found.accuracy)
    yield figure_row(section, period, "", "corrections", found.corrections, "tickets")
    yield figure_row(section, period, "", "calibration error", found.calibration_error, "0 to 1")
    yield share_row(section, period, "", "confidence 0.7 or more", found.coverage)
    yield share_row(section, period, "", "accuracy with confidence 0.7 or more", found.accuracy_of_sure)


def _classes(found: Figures, period: Period) -> Iterator[Sequence[object]]:
    for category in found.classes([]):
        name, one = _name(category), found.of_class(category)
        yield figure_row("category", period, name, "tickets", one.tickets, "tickets")
        yield share_row("category", period, name, "precision", one.precision)
        yield share_row("category", period, name, "recall", one.recall)
    for decided, row in found.confusion.items():
        for said, count in row.items():
            yield figure_row("confusion", period, _name(decided), f"said {_name(said)}", count, "tickets")


def _name(category: str) -> str:
    return wording.category_in_files(category) if category else "None"
