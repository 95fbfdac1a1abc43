"""The gap rate by week as SVG, in the widths of qa/charts/charts.py."""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString

from qa.charts import charts
from qa.charts.charts import BOTTOM, JOIN, LEFT, TOP, axis, frame, n, names, together
from qa.metrics.metrics import Share
from qa.metrics.report import Bucket

HEIGHT = 168.0


def gap_rate(series: Sequence[Bucket], links: Sequence[str]) -> list[SafeString]:
    """One column per week: the share of drafts without a source; weeks without a draft have none."""
    rates = [bucket.figures.gap_rate for bucket in series]
    known = [(share.rate or 0.0) * 100 for share in rates if share.whole]
    top = charts.nice(max([*known, 10.0]))
    last = f"{known[-1]:.0f}% in the last week with a draft" if known else "no draft yet"
    words = f"Share of drafts without a source, one column per week; {last}."
    labels = [f"{bucket.period.first:%-d %b}" for bucket in series]
    return [
        frame(f"gaps-{name}", width, HEIGHT, "Gap rate by week", words, _body(width, top, rates, labels, links))
        for name, width in charts.WIDTHS.items()
    ]


def _body(width: float, top: float, rates: Sequence[Share], labels: Sequence[str], links: Sequence[str]) -> SafeString:
    right = width - 14.0  # half of the last label stands beyond its column
    slot = (right - LEFT) / max(1, len(rates))
    base = HEIGHT - BOTTOM
    scale = (base - TOP) / top
    wide = min(slot - min(slot * 0.25, 4.0), 44.0)
    bars = []
    for place, (share, label, link) in enumerate(zip(rates, labels, links, strict=True)):
        if share.whole:
            percent = (share.rate or 0.0) * 100
            x = LEFT + slot * place + (slot - wide) / 2
            said = f"Week of {label}: {share.part} of {share.whole} drafts without a source"
            tall = max(percent * scale, 1.0)
            words = f"{percent:.0f}%" if wide >= 26 else ""
            bars.append(
                (link, said, n(x), n(base - tall), n(wide), n(tall), said, n(x + wide / 2), n(base - tall - 4), words)
            )
    return together(
        axis(right, HEIGHT, top, [(0, "0%"), (top / 2, f"{top / 2:.0f}%"), (top, f"{top:.0f}%")]),
        format_html(
            "{}",
            JOIN(
                "",
                '<a href="{}" aria-label="{}"><rect class="gap-bar" x="{}" y="{}" width="{}" height="{}">'
                '<title>{}</title></rect><text class="tick" x="{}" y="{}" text-anchor="middle">{}</text></a>',
                bars,
            ),
        ),
        names(labels, LEFT, slot, HEIGHT),
    )
