"""A share by week as columns from zero, drawn in the widths of qa/charts/charts.py."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config import formats
from qa.charts.charts import BOTTOM, JOIN, LEFT, TOP, WIDTHS, axis, axis_end, column_names, joined, n, svg
from qa.metrics.metrics import Share

HEIGHT = 168.0
NARROWEST = 26.0  # a column with room for its percentage
LOWEST = 20.0  # the same, if it stands inside
EDGE = 14.0  # at the right, for the last label, which is wider than its column
TARGET_EDGE = 84.0  # the same, for the words beside the line of the target


@dataclass(frozen=True)
class Column:
    """A week: its label, the share, the address that lists what it counts, and all of that in words."""

    label: str
    share: Share
    link: str
    said: str


@dataclass(frozen=True)
class Plot:
    """`bar`: the CSS class of the columns. `least`: the percentage that the axis shows at least.

    With a `target` percentages stand inside their columns, where its line does not cross them.
    """

    name: str
    title: str
    desc: str
    bar: str
    least: float = 10.0
    target: float | None = None


def drawn(plot: Plot, columns: Sequence[Column]) -> list[SafeString]:
    """In every width. Weeks without anything to count have no column."""
    known = [(each.share.rate or 0.0) * 100 for each in columns if each.share.whole]
    top = axis_end(max([*known, plot.least]))
    return [
        svg(f"{plot.name}-{size}", width, HEIGHT, plot.title, plot.desc, _body(width, top, plot, columns))
        for size, width in WIDTHS.items()
    ]


def _body(width: float, top: float, plot: Plot, columns: Sequence[Column]) -> SafeString:
    right = width - (EDGE if plot.target is None else TARGET_EDGE)
    slot = (right - LEFT) / max(1, len(columns))
    base = HEIGHT - BOTTOM
    scale = (base - TOP) / top
    wide = min(slot - min(slot * 0.25, 4.0), 44.0)
    bars = [
        _bar(column, LEFT + slot * place + (slot - wide) / 2, wide, base, scale, plot)
        for place, column in enumerate(columns)
        if column.share.whole
    ]
    return joined(
        axis(right, HEIGHT, top, [(percent, formats.percent(percent / 100)) for percent in (0, top / 2, top)]),
        *bars,
        _target(plot.target, right, base, scale),
        column_names([column.label for column in columns], LEFT, slot, HEIGHT),
    )


def _bar(column: Column, x: float, wide: float, base: float, scale: float, plot: Plot) -> SafeString:
    rate = column.share.rate or 0.0
    tall = max(rate * 100 * scale, 1.0)
    top, words = base - tall, formats.percent(rate) if wide >= NARROWEST else ""
    inside = plot.target is not None and tall >= LOWEST
    return format_html(
        '<a href="{}" aria-label="{}"><rect class="{}" x="{}" y="{}" width="{}" height="{}">'
        '<title>{}</title></rect><text class="{}" x="{}" y="{}" text-anchor="middle">{}</text></a>',
        column.link, column.said, plot.bar, n(x), n(top), n(wide), n(tall), column.said,
        "inside" if inside else "tick", n(x + wide / 2), n(base - 6 if inside else top - 4), words,
    )  # fmt: skip


def _target(target: float | None, right: float, base: float, scale: float) -> SafeString:
    if target is None:
        return SafeString("")
    y = n(base - target * 100 * scale)
    return JOIN(
        "",
        '<line class="target" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="end end-target" x="{}" y="{}" dy="4">{}'
        "</text>",
        [(n(LEFT), n(right), y, y, n(right + 8), y, _("target %(percent)s") % {"percent": formats.percent(target)})],
    )
