"""The figures of the page on triage as text, links and plots. They are computed in qa/metrics/triage.py."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config import formats
from copilot.triage.figures import SURE
from qa.charts import curves, share_columns
from qa.charts.curves import Axes, Series
from qa.charts.share_columns import Column, Plot
from qa.charts.small_charts import spark
from qa.metrics.metrics import Share
from qa.metrics.selection import UNCATEGORISED, Selection
from qa.metrics.triage import AGREED, CORRECTED, Figures, Judged, Report
from qa.pages import wording
from qa.pages.overview import Link
from qa.pages.plots import HALVES
from qa.pages.sureness_plots import Row, bin_rows

TARGET = 0.85  # accuracy, at least
CALIBRATION_TARGET = 0.05  # calibration error, at most
ALL = "all"
KINDS = {
    ALL: gettext_lazy("All tickets"),
    AGREED: gettext_lazy("Left as it was"),
    CORRECTED: gettext_lazy("Corrected"),
}
SHADES = (0.02, 0.1, 0.25, 0.5)  # shares of a row from which a cell has the next darker ground
TICKETS = gettext_lazy("%(label)s: %(said)s said, %(right)s right, %(count)d tickets")
Labels = Mapping[str, str]  # of categories by slug


def category_name(category: str, labels: Labels) -> str:
    return wording.category_name(category, labels) if category else _("None of these")


def listing(selection: Selection, kind: str = ALL, **categories: str) -> str:
    """`categories`: `said` and `decided`."""
    wanted = {name: value or UNCATEGORISED for name, value in categories.items()}
    return f"{reverse('qa:triage')}?{selection.query(tickets=kind, **wanted)}#tickets"


@dataclass(frozen=True)
class Tile:
    """One headline figure with its target, the period before, and its course by week. `missed`: the target."""

    name: str
    value: Link | str
    of: str
    interval: str = ""
    before: str = ""
    target: str = ""
    missed: bool | None = None
    spark: SafeString = SafeString("")


def tiles(report: Report, selection: Selection) -> list[Tile]:
    now, before = report.now, report.before
    error, was = now.calibration_error, before.calibration_error
    return [
        _share(_("Accuracy"), lambda each: each.accuracy, report, listing(selection, AGREED), TARGET),
        Tile(
            name=_("Calibration error"),
            value=wording.distance(error),
            of=_("how far off confidence is"),
            before=wording.distance(was) if was is not None else "",
            target=_("Target: at most %(error)s") % {"error": formats.decimal(CALIBRATION_TARGET, 2)},
            missed=None if error is None else error > CALIBRATION_TARGET,
            spark=spark([week.calibration_error for _period, week in report.weeks]),
        ),
        _share(
            _("Confidence %(percent)s or more") % {"percent": formats.percent(SURE)}, lambda each: each.coverage, report
        ),
        _share(_("Accuracy in these"), lambda each: each.accuracy_of_sure, report),
        Tile(
            name=_("Corrections"),
            value=Link(str(now.corrections), listing(selection, CORRECTED)),
            of=_of_tickets(now.accuracy.whole),
            before=str(before.corrections) if before.rows else "",
            spark=spark([week.corrections for _period, week in report.weeks]),
        ),
    ]


def _share(
    name: str, of: Callable[[Figures], Share], report: Report, url: str = "", target: float | None = None
) -> Tile:
    now, before = of(report.now), of(report.before)
    value, was = wording.percent(now.rate), wording.percent(before.rate)
    change = wording.points(now.rate, before.rate)
    least = _("Target: at least %(percent)s") % {"percent": formats.percent(target)} if target else ""
    return Tile(
        name=name,
        value=Link(value, url) if url else value,
        of=_part_of_tickets(now),
        interval=wording.interval(now) if now.uncertain else "",
        before=" · ".join([was, change]) if change else "",
        target=least,
        missed=now.rate < target if target and now.rate is not None else None,
        spark=spark([of(week).rate for _period, week in report.weeks], most=1),
    )


def _of_tickets(count: int) -> str:
    return ngettext("of %(count)d ticket", "of %(count)d tickets", count) % {"count": count}


def _part_of_tickets(share: Share) -> str:
    words = ngettext("%(part)d of %(whole)d ticket", "%(part)d of %(whole)d tickets", share.whole)
    return words % {"part": share.part, "whole": share.whole}


def by_week(report: Report, selection: Selection) -> list[SafeString]:
    """Accuracy, one column per week, in every width."""
    columns = []
    for week, figures in report.weeks:
        day, share = formats.day_month(week.first), figures.accuracy
        said = _("Week of %(day)s: agents left %(part)d of %(whole)d tickets as they were") % {
            "day": day,
            "part": share.part,
            "whole": share.whole,
        }
        columns.append(Column(day, share, listing(selection.on(week)), said))
    words = _("Share of tickets whose category agents left as it was, one column per week.")
    plot = Plot("accuracy", _("Accuracy by week"), words, "person", least=100.0, target=TARGET)
    return share_columns.drawn(plot, columns)


def week_rows(report: Report, selection: Selection) -> list[tuple[str, Sequence[Link | str]]]:
    """The plotted figures as a table."""
    rows: list[tuple[str, Sequence[Link | str]]] = []
    for week, figures in report.weeks:
        there, share = selection.on(week), figures.accuracy
        cells: list[Link | str] = [
            Link(str(share.whole), listing(there)),
            Link(wording.percent(share.rate), listing(there, AGREED)),
            Link(str(figures.corrections), listing(there, CORRECTED)),
            wording.distance(figures.calibration_error),
        ]
        rows.append((str(week), cells))
    return rows


def class_rows(figures: Figures, selection: Selection, labels: Labels) -> list[tuple[str, Sequence[Link | str]]]:
    """Tickets, precision, recall, corrections away from it and to it, by category."""
    rows: list[tuple[str, Sequence[Link | str]]] = []
    for category in figures.classes(list(labels)):
        found = figures.of_class(category)
        cells: list[Link | str] = [
            Link(str(found.tickets), listing(selection, decided=category)),
            wording.percent(found.precision.rate),
            wording.percent(found.recall.rate),
            Link(str(found.moved_away), listing(selection, CORRECTED, said=category)),
            Link(str(found.moved_here), listing(selection, CORRECTED, decided=category)),
        ]
        rows.append((category_name(category, labels), cells))
    return rows


@dataclass(frozen=True)
class Cell:
    """Of the confusion table. `shade`: 0 to 4, the darker, the more of its row."""

    count: int
    url: str
    words: str
    shade: int
    same: bool


@dataclass(frozen=True)
class Confusion:
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Cell]]]


def confusion(figures: Figures, selection: Selection, labels: Labels) -> Confusion:
    """Rows: what agents decided; columns: what the classifier said."""
    names = {category: category_name(category, labels) for category in figures.classes(list(labels))}
    rows = []
    for decided, row_name in names.items():
        row = figures.confusion.get(decided, {})
        cells = []
        for said, column_name in names.items():
            count, words = row.get(said, 0), _("agents: %(decided)s, classifier: %(said)s")
            share = count / sum(row.values()) if count else 0.0
            cells.append(
                Cell(
                    count=count,
                    url=listing(selection, said=said, decided=decided),
                    words=words % {"decided": row_name, "said": column_name},
                    shade=sum(share >= each for each in SHADES),
                    same=said == decided,
                )
            )
        rows.append((row_name, cells))
    return Confusion(list(names.values()), rows)


def reliability(figures: Figures) -> list[SafeString]:
    label = _("your team’s tickets (%(count)d)") % {"count": len(figures.rows)}
    series = Series("desk", label, figures.bins, TICKETS, counted=True)
    axes = Axes(_("confidence"), _("were right"))
    title = _("Confidence and what was right")
    return [curves.reliability(f"triage-{size}", width, [series], axes, title, label) for size, width in HALVES.items()]


def reliability_rows(figures: Figures) -> list[Row]:
    return bin_rows(figures.bins)


def tones(report: Report) -> list[str]:
    """How often agents corrected what was said of the customer's tone: a sentence each."""
    found = [
        (_("Sentiment: agents corrected %(percent)s (%(part)d of %(whole)d messages)."), report.sentiment),
        (_("Urgency: agents corrected %(percent)s (%(part)d of %(whole)d messages)."), report.urgency),
    ]
    return [
        words % {"percent": wording.percent(share.rate), "part": share.part, "whole": share.whole}
        for words, share in found
        if share.whole
    ]


@dataclass(frozen=True)
class Asked:
    """Which tickets the address asks for. `kind`: one of KINDS, empty if it asks for none."""

    kind: str = ""
    said: str | None = None
    decided: str | None = None

    def heading(self, labels: Labels) -> str:
        parts: list[str | Promise] = [KINDS.get(self.kind, "")]
        if self.said is not None:
            parts.append(_("classifier: %(name)s") % {"name": category_name(self.said, labels)})
        if self.decided is not None:
            parts.append(_("agents: %(name)s") % {"name": category_name(self.decided, labels)})
        return " · ".join(str(part) for part in parts)


def ticket_row(row: Judged, labels: Labels) -> dict[str, str]:
    return {
        "said": category_name(row.said, labels),
        "decided": category_name(row.decided, labels) if not row.agreed else "",
        "confidence": formats.percent(row.confidence),
    }
