"""Turns a report into the text and links of the overview. Figures are computed in `qa/metrics`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from copilot.models import Draft
from qa.charts.small_charts import bar, spark
from qa.metrics import metrics
from qa.metrics.metrics import Median, Share
from qa.metrics.reads import COUNTED, FIRST_RESPONSE
from qa.metrics.report import Figures, Report
from qa.metrics.selection import NOBODY, UNCATEGORISED, Selection
from qa.pages import wording
from qa.pages.wording import Unit, distance

REVIEW_TARGET = 60.0  # seconds, PRODUCT.md §11
REVIEW_ALERT = 120.0
FIRST_TARGET = 30.0


@dataclass(frozen=True)
class Link:
    """A number that links to exactly the rows it counts. 0 and a dash have no link."""

    text: str
    url: str

    def __str__(self) -> str:
        if self.text in (wording.NOTHING, "0"):
            return format_html('<span class="faint">{}</span>', self.text)
        return format_html('<a href="{}">{}</a>', self.url, self.text)

    __html__ = __str__


@dataclass(frozen=True)
class Tile:
    """One headline figure. `links` are the counts behind it; `alert` means that it crossed its limit."""

    name: str
    value: Link
    links: list[Link]
    interval: str
    before: Link | None
    change: str
    target: str
    spark: SafeString
    alert: bool = False


@dataclass(frozen=True)
class TableRow:
    """One agent or category. Each cell is a number with its link, or a dash."""

    name: str
    shown: Link
    acceptance: Link
    acceptance_bar: SafeString
    unedited: Link
    accepted_seconds: Link
    edited_seconds: Link
    gaps: Link


def listing(selection: Selection, figure: str, **more: object) -> str:
    return f"{reverse('qa:drafts')}?{selection.query(figure=figure, **more)}"


OF_SHOWN = ngettext_lazy("of %(count)d shown", "of %(count)d shown", "count")
OF_WRITTEN = ngettext_lazy("of %(count)d completed", "of %(count)d completed", "count")
OF_EDITED = ngettext_lazy("median of %(count)d edited draft", "median of %(count)d edited drafts", "count")
OF_UNEDITED = ngettext_lazy(
    "median of %(count)d draft sent unedited", "median of %(count)d drafts sent unedited", "count"
)
OF_SENT_EDITED = ngettext_lazy(
    "median of %(count)d draft sent edited", "median of %(count)d drafts sent edited", "count"
)
OF_TICKETS = ngettext_lazy("median of %(count)d answered ticket", "median of %(count)d answered tickets", "count")


def tiles(report: Report) -> list[Tile]:
    """The headline figures in reading order. Targets and limits: PRODUCT.md §11."""
    make = _TileMaker(report)
    under = _("Target: under %(duration)s")
    review, first = (under % {"duration": wording.SECONDS(seconds)} for seconds in (REVIEW_TARGET, FIRST_TARGET))
    return [
        make.share(_("Draft acceptance"), lambda f: f.acceptance, ("used", "shown"), OF_SHOWN, _("No target set")),
        make.share(_("Sent unedited"), lambda f: f.unedited, ("accepted", "shown"), OF_SHOWN),
        make.median(_("Edit burden"), lambda f: f.edit_burden, "edited", OF_EDITED, _("Target: not rising"), distance),
        make.review(_("Review time, accepted"), lambda f: f.seconds_accepted, "accepted", OF_UNEDITED, review),
        make.review(_("Review time, edited"), lambda f: f.seconds_edited, "edited", OF_SENT_EDITED, review),
        make.median(_("First response"), lambda f: f.first_response, FIRST_RESPONSE, OF_TICKETS, first),
        make.share(_("No source"), lambda f: f.gap_rate, ("no_source", "finished"), OF_WRITTEN, _("Target: falling")),
    ]


class _TileMaker:
    """Makes the tiles of one report."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.now = report.selection
        self.before = report.selection.on(report.selection.period.before)

    def share(
        self, name: str, of: Callable[[Figures], Share], lists: tuple[str, str], whole: str | Promise, target: str = ""
    ) -> Tile:
        """`lists`: the figures whose rows are the part and the whole of the share."""
        part, everything = lists
        now, before = of(self.report.now), of(self.report.before)
        return Tile(
            name=name,
            value=Link(wording.percent(now.rate), listing(self.now, part)),
            links=[
                Link(str(now.part), listing(self.now, part)),
                Link(str(whole % {"count": now.whole}), listing(self.now, everything)),
            ],
            interval=wording.interval(now) if now.uncertain else "",
            before=None if before.rate is None else Link(wording.percent(before.rate), listing(self.before, part)),
            change=wording.points(now.rate, before.rate),
            target=target,
            spark=spark([of(bucket.figures).rate for bucket in self.report.series], most=1),
        )

    def median(
        self,
        name: str,
        of: Callable[[Figures], Median],
        figure: str,
        counted: str | Promise,
        target: str,
        words: Callable[[float | None], str] | None = None,
    ) -> Tile:
        """`words` writes the value. Without it the value is a duration, in a unit that suits both periods."""
        now, before = of(self.report.now), of(self.report.before)
        words = words or wording.unit_for((now.value, before.value))
        return Tile(
            name=name,
            value=Link(words(now.value), listing(self.now, figure)),
            links=[Link(str(counted % {"count": now.of}), listing(self.now, figure))],
            interval="",
            before=None if before.value is None else Link(words(before.value), listing(self.before, figure)),
            change="",
            target=target,
            spark=spark([of(bucket.figures).value for bucket in self.report.series]),
        )

    def review(
        self, name: str, of: Callable[[Figures], Median], figure: str, counted: str | Promise, target: str
    ) -> Tile:
        """A review time, always in seconds like its target, with an alert above its limit."""
        value = of(self.report.now).value
        tile = self.median(name, of, figure, counted, target, wording.SECONDS)
        return replace(tile, alert=value is not None and value > REVIEW_ALERT)


def reason_rows(report: Report) -> list[tuple[Link, SafeString]]:
    """The reasons for rejecting drafts, with the share of each."""
    found = metrics.reasons(report.now.shown)
    rejected = sum(found.values())
    labels: Mapping[str, str] = {reason.value: str(reason.label) for reason in Draft.Reason}
    return [
        (
            Link(f"{labels.get(reason, reason)} {count}", listing(report.selection, "rejected", reason=reason)),
            bar(count / rejected),
        )
        for reason, count in found.items()
    ]


def ending_rows(report: Report) -> list[tuple[str, Link, Link]]:
    """Drafts that were never reviewed: name, this period, the period before."""
    now, before = report.now.endings, report.before.endings
    earlier = report.selection.on(report.selection.period.before)
    names = ("no_source", "by_rule", "failed", "stopped", "unopened")
    return [
        (
            str(COUNTED[name].label),
            Link(str(getattr(now, name)), listing(report.selection, name)),
            Link(str(getattr(before, name)), listing(earlier, name)),
        )
        for name in names
    ]


def agent_rows(report: Report, members: Mapping[int, str]) -> list[TableRow]:
    units = _units(report.by_agent.values())
    return [
        _row(
            wording.member_name(agent, members),
            figures,
            report.selection,
            units,
            agent=agent or NOBODY,
        )
        for agent, figures in report.by_agent.items()
    ]


def category_rows(report: Report, labels: Mapping[str, str]) -> list[TableRow]:
    units = _units(report.by_category.values())
    return [
        _row(
            wording.category_name(category, labels),
            figures,
            report.selection,
            units,
            category=category or UNCATEGORISED,
        )
        for category, figures in report.by_category.items()
    ]


def _units(column: Iterable[Figures]) -> tuple[Unit, Unit]:
    """The units of the two columns with review times: accepted, edited."""
    figures = list(column)
    return (
        wording.unit_for(each.seconds_accepted.value for each in figures),
        wording.unit_for(each.seconds_edited.value for each in figures),
    )


def _row(name: str, figures: Figures, selection: Selection, units: tuple[Unit, Unit], **who: object) -> TableRow:
    def to(figure: str, text: str) -> Link:
        return Link(text, listing(selection, figure, **who))

    share, gaps = figures.acceptance, figures.gap_rate
    accepted, edited = units
    return TableRow(
        name=name,
        shown=to("shown", str(share.whole)),
        acceptance=to("used", wording.percent(share.rate)),
        acceptance_bar=bar(share.rate, *(share.interval if share.uncertain else (None, None))),
        unedited=to("accepted", wording.percent(figures.unedited.rate)),
        accepted_seconds=to("accepted", accepted(figures.seconds_accepted.value)),
        edited_seconds=to("edited", edited(figures.seconds_edited.value)),
        gaps=to("no_source", wording.part_of(gaps)),
    )


def series_rows(report: Report) -> list[tuple[str, Sequence[Link]]]:
    """The plotted figures as a table: outcomes and review times of each day or week."""
    rows: list[tuple[str, Sequence[Link]]] = []
    accepted, edited = _units(bucket.figures for bucket in report.series)
    for bucket in report.series:
        there = report.selection.on(bucket.period)
        figures = bucket.figures
        counts = [("shown", len(figures.shown)), *figures.outcomes.items()]
        cells = [Link(str(count), listing(there, name)) for name, count in counts]
        cells.append(Link(accepted(figures.seconds_accepted.value), listing(there, "accepted")))
        cells.append(Link(edited(figures.seconds_edited.value), listing(there, "edited")))
        rows.append((str(bucket.period), cells))
    return rows
