"""The gap rate by week as SVG, drawn in the widths of qa/charts/charts.py."""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from config import formats
from qa.charts import charts
from qa.charts.charts import BOTTOM, JOIN, LEFT, TOP, axis, column_names, joined, n, svg
from qa.metrics.metrics import Share
from qa.metrics.report import Bucket

HEIGHT = 168.0


def gap_rate(series: Sequence[Bucket], links: Sequence[str]) -> list[SafeString]:
    """One column per week: drafts without a source / drafts written to the end. Weeks without a draft have none."""
    rates = [bucket.figures.gap_rate for bucket in series]
    known = [(share.rate or 0.0) * 100 for share in rates if share.whole]
    top = charts.axis_end(max([*known, 10.0]))
    words = _("Share of drafts without a source, one column per week.")
    if known:
        latest = _("In the last week with drafts it was %(percent)s.") % {"percent": formats.percent(known[-1] / 100)}
        words = f"{words} {latest}"
    labels = [formats.day_month(bucket.period.first) for bucket in series]
    return [
        svg(f"gaps-{name}", width, HEIGHT, _("Gap rate by week"), words, _body(width, top, rates, labels, links))
        for name, width in charts.WIDTHS.items()
    ]


def _body(width: float, top: float, rates: Sequence[Share], labels: Sequence[str], links: Sequence[str]) -> SafeString:
    right = width - 14.0  # room for the last label, which is wider than its column
    slot = (right - LEFT) / max(1, len(rates))
    base = HEIGHT - BOTTOM
    scale = (base - TOP) / top
    wide = min(slot - min(slot * 0.25, 4.0), 44.0)
    bars = []
    for place, (share, label, link) in enumerate(zip(rates, labels, links, strict=True)):
        if share.whole:
            percent = (share.rate or 0.0) * 100
            x = LEFT + slot * place + (slot - wide) / 2
            said = _("Week of %(day)s: %(part)d of %(whole)d drafts without a source") % {
                "day": label,
                "part": share.part,
                "whole": share.whole,
            }
            tall = max(percent * scale, 1.0)
            words = formats.percent(percent / 100) if wide >= 26 else ""
            bars.append(
                (link, said, n(x), n(base - tall), n(wide), n(tall), said, n(x + wide / 2), n(base - tall - 4), words)
            )
    return joined(
        axis(right, HEIGHT, top, [(percent, formats.percent(percent / 100)) for percent in (0, top / 2, top)]),
        format_html(
            "{}",
            JOIN(
                "",
                '<a href="{}" aria-label="{}"><rect class="gap-bar" x="{}" y="{}" width="{}" height="{}">'
                '<title>{}</title></rect><text class="tick" x="{}" y="{}" text-anchor="middle">{}</text></a>',
                bars,
            ),
        ),
        column_names(labels, LEFT, slot, HEIGHT),
    )
