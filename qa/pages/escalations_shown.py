"""The figures of the page on escalations as text, links and plots. They are computed in qa/metrics/escalations.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from config import formats
from qa.charts import charts, share_columns
from qa.charts.charts import Part
from qa.charts.share_columns import Plot
from qa.charts.small_charts import bar, spark
from qa.metrics.escalations import ENOUGH, Figures, Judgement, Reason, Report
from qa.metrics.metrics import Share
from qa.metrics.selection import NOBODY, Selection
from qa.pages import wording
from qa.pages.escalations_lists import (
    ALL,
    CLOSED,
    ESCALATED,
    IN_TIME,
    JUDGED,
    KINDS,
    LOOPS,
    MISSED,
    OVER,
    TAKEN,
    UNJUDGED,
    WAITING,
    Teams,
    listing,
    team_name,
)
from qa.pages.overview import Link
from qa.pages.plots import listed

RATE_TARGET, RATE_ALERT = 0.35, 0.45  # PRODUCT §11: tickets escalated, less than
PRECISION_TARGET, PRECISION_ALERT = 0.9, 0.75  # the same: justified, more than
# From the baseline upwards; the name is the CSS class.
PARTS = {
    Judgement.JUSTIFIED.value: Part("justified", Judgement.JUSTIFIED.label, Judgement.JUSTIFIED.label),
    Judgement.WRONG_TEAM.value: Part("wrong-team", Judgement.WRONG_TEAM.label, Judgement.WRONG_TEAM.label),
    Judgement.NOT_NEEDED.value: Part("not-needed", Judgement.NOT_NEEDED.label, Judgement.NOT_NEEDED.label),
    UNJUDGED: Part("unjudged", KINDS[UNJUDGED], pgettext_lazy("short", "Not yet")),
}


@dataclass(frozen=True)
class Tile:
    """One headline figure. `state`: how it compares with its target or the period before, `bad` if that needs care."""

    name: str
    value: Link | str
    of: str
    note: str = ""
    before: str = ""
    target: str = ""
    state: str = ""
    bad: bool = False
    spark: SafeString = SafeString("")


def tiles(report: Report, selection: Selection) -> list[Tile]:
    return [
        _rate(report, selection),
        _precision(report, selection),
        _taken(report, selection),
        _recovery(report, selection),
    ]


def _rate(report: Report, selection: Selection) -> Tile:
    """Of one team there is no target: it is meant for all teams together."""
    share, was = report.tickets, report.tickets_before
    words = ngettext("%(part)d of %(whole)d ticket created", "%(part)d of %(whole)d tickets created", share.whole)
    target, state, bad = "", "", False
    if selection.team is None:
        target = _("Target: less than %(percent)s") % {"percent": formats.percent(RATE_TARGET)}
        state, bad = _state(share, share.rate is not None and share.rate < RATE_TARGET)
        if bad and share.rate is not None and share.rate > RATE_ALERT:
            state = _("over %(percent)s") % {"percent": formats.percent(RATE_ALERT)}
    return Tile(
        name=_("Escalated"),
        value=Link(wording.percent(share.rate), listing(selection, ESCALATED)),
        of=words % {"part": share.part, "whole": share.whole},
        note=_interval(share),
        before=_change(share, was),
        target=target,
        state=state,
        bad=bad,
    )


def _precision(report: Report, selection: Selection) -> Tile:
    share, sent = report.now.precision, len(report.now.rows)
    words = {"part": share.part, "whole": share.whole, "sent": sent}
    state, bad = _state(share, share.rate is not None and share.rate > PRECISION_TARGET)
    if bad and share.rate is not None and share.rate < PRECISION_ALERT:
        state = _("under %(percent)s") % {"percent": formats.percent(PRECISION_ALERT)}
    return Tile(
        name=pgettext("of escalations", "Precision"),
        value=Link(wording.percent(share.rate), listing(selection, Judgement.JUSTIFIED)),
        of=_("%(part)d justified of %(whole)d judged, %(sent)d sent") % words,
        note=_interval(share),
        before=_change(share, report.before.precision),
        target=_("Target: more than %(percent)s") % {"percent": formats.percent(PRECISION_TARGET)},
        state=state,
        bad=bad,
        spark=spark([week.precision.rate for _period, week in report.weeks], most=1),
    )


def _taken(report: Report, selection: Selection) -> Tile:
    share, median = report.now.in_time, report.now.taken
    seconds = wording.unit_for([median.value])(median.value)
    words = ngettext("%(part)d of %(whole)d escalation", "%(part)d of %(whole)d escalations", share.whole)
    return Tile(
        name=_("Taken in time"),
        value=Link(wording.percent(share.rate), listing(selection, IN_TIME)),
        of=words % {"part": share.part, "whole": share.whole},
        note=_("median %(value)s until taken") % {"value": seconds} if median.of else "",
        before=_change(share, report.before.in_time),
        spark=spark([week.in_time.rate for _period, week in report.weeks], most=1),
    )


def _recovery(report: Report, selection: Selection) -> Tile:
    now, before = report.now.recovery, report.before.recovery
    unit = wording.unit_for([now.value, before.value])
    words = ngettext("median of %(count)d closed ticket", "median of %(count)d closed tickets", now.of)
    rising = now.value is not None and before.value is not None and now.value > before.value
    return Tile(
        name=_("Time to close"),
        value=Link(unit(now.value), listing(selection, CLOSED)),
        of=words % {"count": now.of},
        before=unit(before.value) if before.of else "",
        state=_("rising") if rising else "",
        bad=rising,
        spark=spark([week.recovery.value for _period, week in report.weeks]),
    )


def _state(share: Share, reached: bool) -> tuple[str, bool]:
    """How a share compares with its target, and whether that needs care."""
    if not share.whole:
        return "", False
    if share.whole < ENOUGH:
        return _("too few to say"), False
    return (_("reached"), False) if reached else (_("not reached"), True)


def _interval(share: Share) -> str:
    return wording.interval(share) if share.uncertain else ""


def _change(now: Share, before: Share) -> str:
    change = wording.points(now.rate, before.rate)
    if before.rate is None:
        return ""
    return " · ".join(filter(None, [wording.percent(before.rate), change]))


def lists(report: Report, selection: Selection) -> list[Tile]:
    """The tickets that a lead should look at, counted."""
    waiting = report.waiting
    overdue = sum(row.overdue(report.now.now) for row in waiting)
    found = [
        (WAITING, len(waiting), _("nobody on the team has taken them yet")),
        (OVER, len(report.perhaps_not_needed), _("the team says so, or no trigger applied")),
        (MISSED, len(report.missed), _("although a trigger applied")),
        (LOOPS, len(report.loops), _("transferred between teams by people")),
    ]
    late = ngettext("%(count)d overdue", "%(count)d overdue", overdue) % {"count": overdue} if overdue else ""
    return [
        Tile(str(KINDS[kind]), Link(str(count), listing(selection, kind)), of, late if kind == WAITING else "")
        for kind, count, of in found
    ]


def by_week(report: Report, selection: Selection) -> list[SafeString]:
    """Escalations by what the receiving team said, in every width."""
    columns = [_column(formats.day_month(week.first), figures, selection.on(week)) for week, figures in report.weeks]
    total = _column(_("Period"), report.now, selection)
    parts, title = list(PARTS.values()), _("Escalations by week")
    words = " ".join([listed(parts, total), _("One column per week.")])
    return [
        charts.stacks(f"escalations-{size}", width, parts, columns, total, words, title)
        for size, width in charts.WIDTHS.items()
    ]


def _column(label: str, figures: Figures, selection: Selection) -> charts.Column:
    counts = [figures.of("" if kind == UNJUDGED else kind) for kind in PARTS]
    return charts.Column(label, counts, [listing(selection, kind) for kind in PARTS])


def precision_by_week(report: Report, selection: Selection) -> list[SafeString]:
    columns = []
    for week, figures in report.weeks:
        day, share = formats.day_month(week.first), figures.precision
        said = _("Week of %(day)s: %(part)d of %(whole)d judged escalations were justified")
        words = said % {"day": day, "part": share.part, "whole": share.whole}
        columns.append(share_columns.Column(day, share, listing(selection.on(week), Judgement.JUSTIFIED), words))
    words = _("Share of judged escalations that were justified, one column per week.")
    plot = Plot("precision", _("Precision by week"), words, "person", least=100.0, target=PRECISION_TARGET)
    return share_columns.drawn(plot, columns)


Rows = list[tuple[str, Sequence[Any]]]


def week_rows(report: Report, selection: Selection) -> Rows:
    """The plotted figures as a table."""
    unit = wording.unit_for(figures.recovery.value for _week, figures in report.weeks)
    return [
        (
            str(week),
            [
                Link(str(len(figures.rows)), listing(selection.on(week))),
                *(Link(str(count), link) for count, link in _counts(figures, selection.on(week))),
                wording.percent(figures.precision.rate),
                Link(wording.percent(figures.in_time.rate), listing(selection.on(week), IN_TIME)),
                Link(unit(figures.recovery.value), listing(selection.on(week), CLOSED)),
            ],
        )
        for week, figures in report.weeks
    ]


def _counts(figures: Figures, selection: Selection) -> list[tuple[int, str]]:
    column = _column("", figures, selection)
    return list(zip(column.values, column.links, strict=True))


def team_rows(report: Report, selection: Selection, teams: Teams) -> Rows:
    """By the team that tickets were sent to, the one with most of them first."""
    found = report.now.by("team")
    taken = wording.unit_for(figures.taken.value for figures in found.values())
    closed = wording.unit_for(figures.recovery.value for figures in found.values())
    rows: Rows = []
    for team, figures in sorted(found.items(), key=lambda item: (-len(item[1].rows), team_name(item[0], teams))):
        to = {"receiver": team or NOBODY}
        wrong = Link(str(figures.of(Judgement.WRONG_TEAM)), listing(selection, Judgement.WRONG_TEAM, **to))
        times = [
            Link(taken(figures.taken.value), listing(selection, TAKEN, **to)),
            Link(closed(figures.recovery.value), listing(selection, CLOSED, **to)),
        ]
        rows.append((team_name(team, teams), [*_precise(figures, selection, to), wrong, *times]))
    return rows


def reason_rows(report: Report, selection: Selection) -> Rows:
    found = report.now.by("reason")
    return [
        (str(reason.label), _precise(found[reason.value], selection, {"reason": reason.value}))
        for reason in Reason
        if reason.value in found
    ]


def _precise(figures: Figures, selection: Selection, only: Mapping[str, object]) -> list[Any]:
    """Number, judged, precision, and that as a bar."""
    share = figures.precision
    return [
        Link(str(len(figures.rows)), listing(selection, ALL, **only)),
        Link(str(share.whole), listing(selection, JUDGED, **only)),
        Link(wording.percent(share.rate), listing(selection, Judgement.JUSTIFIED, **only)),
        bar(share.rate, *(share.interval if share.uncertain else (None, None))),
    ]
