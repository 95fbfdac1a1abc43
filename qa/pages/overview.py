"""What the overview shows, in words and links, from a report. No figure is computed here."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from copilot.models import Draft
from qa.charts.small_charts import bar, spark
from qa.metrics import metrics
from qa.metrics.metrics import Middle, Share
from qa.metrics.reads import BEHIND, FIRST_RESPONSE
from qa.metrics.report import Figures, Report
from qa.metrics.selection import NOBODY, UNCATEGORISED, Selection
from qa.pages import wording
from qa.pages.wording import Unit

REVIEW_TARGET = 60.0  # seconds, PRODUCT.md §11
REVIEW_ALERT = 120.0


@dataclass(frozen=True)
class Link:
    """A number that leads to exactly the rows it counts. Where there is none, a dash without a link."""

    text: str
    url: str

    def __str__(self) -> str:
        if self.text in (wording.NOTHING, "0"):
            return format_html('<span class="faint">{}</span>', self.text)
        return format_html('<a href="{}">{}</a>', self.url, self.text)

    __html__ = __str__


@dataclass(frozen=True)
class Tile:
    """One headline figure. `links` says what it is made of; `low` warns that it crossed its alert line."""

    name: str
    value: Link
    links: list[Link]
    sure: str
    before: Link | None
    change: str
    target: str
    spark: SafeString
    alert: bool = False


@dataclass(frozen=True)
class TableRow:
    """One agent or category: each cell a number with its link, or a dash."""

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


def tiles(report: Report) -> list[Tile]:
    """The headline figures in reading order."""
    make = _Maker(report)
    return [
        make.share("Draft acceptance", lambda f: f.acceptance, "used", "shown", "shown", "lead sets"),
        make.share("Sent unedited", lambda f: f.unedited, "accepted", "shown", "shown"),
        make.middle("Edit burden", lambda f: f.edit_burden, "edited", "edited", wording.distance, "not rising"),
        make.middle("Review time, accepted", lambda f: f.seconds_accepted, "accepted", "sent unedited", limit=True),
        make.middle("Review time, edited", lambda f: f.seconds_edited, "edited", "sent edited", limit=True),
        make.middle("First response", lambda f: f.first_response, FIRST_RESPONSE, "tickets answered", target="< 30 s"),
        make.share("No source", lambda f: f.gap_rate, "no_source", "finished", "written to the end", "falling"),
    ]


class _Maker:
    """Tiles of one report."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.now = report.selection
        self.before = report.selection.on(report.selection.period.before)

    def share(
        self, name: str, of: Callable[[Figures], Share], part: str, whole: str, whole_name: str, target: str = ""
    ) -> Tile:
        now, before = of(self.report.now), of(self.report.before)
        return Tile(
            name=name,
            value=Link(wording.percent(now.rate), listing(self.now, part)),
            links=[
                Link(str(now.part), listing(self.now, part)),
                Link(f"of {now.whole} {whole_name}", listing(self.now, whole)),
            ],
            sure=wording.interval(now),
            before=None if before.rate is None else Link(wording.percent(before.rate), listing(self.before, part)),
            change=_points(now.rate, before.rate),
            target=target,
            spark=spark([of(bucket.figures).rate for bucket in self.report.series], most=1),
        )

    def middle(
        self,
        name: str,
        of: Callable[[Figures], Middle],
        figure: str,
        counted: str,
        words: Callable[[float | None], str] | None = None,
        target: str = "",
        limit: bool = False,
    ) -> Tile:
        """Durations in one unit: that of the limit where there is one, else what suits now and before."""
        now, before = of(self.report.now), of(self.report.before)
        words = words or (wording.SECONDS if limit else wording.unit_for((now.value, before.value)))
        return Tile(
            name=name,
            value=Link(words(now.value), listing(self.now, figure)),
            links=[Link(f"median of {now.of} {counted}", listing(self.now, figure))],
            sure="",
            before=None if before.value is None else Link(words(before.value), listing(self.before, figure)),
            change="",
            target=f"< {REVIEW_TARGET:.0f} s" if limit else target,
            spark=spark([of(bucket.figures).value for bucket in self.report.series]),
            alert=limit and now.value is not None and now.value > REVIEW_ALERT,
        )


def _points(now: float | None, before: float | None) -> str:
    """The change of a share, in percentage points."""
    if now is None or before is None:
        return ""
    points = round(now * 100) - round(before * 100)
    return f"{'+' if points > 0 else '−' if points < 0 else '±'}{abs(points)} points"


def reason_rows(report: Report) -> list[tuple[Link, SafeString]]:
    """Why drafts were rejected, with each reason's share of the rejected ones."""
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
    """Drafts that no review figure holds: name, now, before."""
    now, before = report.now.endings, report.before.endings
    earlier = report.selection.on(report.selection.period.before)
    names = ("no_source", "failed", "stopped", "unopened")
    return [
        (
            BEHIND[name].label,
            Link(str(getattr(now, name)), listing(report.selection, name)),
            Link(str(getattr(before, name)), listing(earlier, name)),
        )
        for name in names
    ]


def agent_rows(report: Report, people: Mapping[int, str]) -> list[TableRow]:
    units = _units(report.by_agent.values())
    return [
        _row(
            people.get(agent, f"Person {agent}") if agent else "Nobody yet",
            figures,
            report.selection,
            units,
            agent=agent or NOBODY,
        )
        for agent, figures in report.by_agent.items()
    ]


def category_rows(report: Report) -> list[TableRow]:
    units = _units(report.by_category.values())
    return [
        _row(wording.category_name(category), figures, report.selection, units, category=category or UNCATEGORISED)
        for category, figures in report.by_category.items()
    ]


def _units(column: Iterable[Figures]) -> tuple[Unit, Unit]:
    """Of the review times of accepted and of edited drafts, each the same down the whole table."""
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
        gaps=to("no_source", f"{gaps.part} of {gaps.whole}" if gaps.whole else wording.NOTHING),
    )


def series_rows(report: Report) -> list[tuple[str, Sequence[Link]]]:
    """The plotted figures as a table: each day's or week's outcomes and review times."""
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
