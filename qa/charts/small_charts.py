"""The small plots: a histogram, a trend line as small as a word, a bar in a table row. See charts.py."""

from collections.abc import Sequence

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config import formats
from qa.charts.charts import BOTTOM, JOIN, TOP, joined, n, svg

EDGE = 14.0


def histogram(name: str, width: float, counts: Sequence[int], links: Sequence[str], median: float | None) -> SafeString:
    """Edited drafts by edit distance (0 to 1): ten columns, each with its count, and a line at the median."""
    height = 200.0
    base = height - BOTTOM
    slot = (width - 2 * EDGE) / len(counts)
    scale = (base - TOP - 26) / max([*counts, 1])
    ends = {place: formats.decimal(place / 10, 1 if place % 10 else 0) for place in range(0, 11, 2)}
    edges = [(n(EDGE + slot * place), n(height - 6), end) for place, end in ends.items()]
    body = joined(
        format_html('<line class="rule" x1="{}" x2="{}" y1="{}" y2="{}"/>', n(EDGE), n(width - EDGE), n(base), n(base)),
        _columns(counts, links, slot, base, scale),
        JOIN("", '<text class="tick" x="{}" y="{}" text-anchor="middle" aria-hidden="true">{}</text>', edges),
        _median(median, EDGE + slot * 10 * (median or 0), base),
    )
    words = _("Edited drafts by edit distance, from 0 (sent as written) to 1 (nothing kept).")
    return svg(name, width, height, _("How much was edited"), words, body)


def _columns(counts: Sequence[int], links: Sequence[str], slot: float, base: float, scale: float) -> SafeString:
    drawn = []
    for place, (count, link) in enumerate(zip(counts, links, strict=True)):
        if count:
            x, y = EDGE + slot * place, base - count * scale
            words = _column_words(place, count)
            drawn.append((link, words, n(x + 1), n(y), n(slot - 2), n(count * scale), n(x + slot / 2), n(y - 5), count))
    return JOIN(
        "",
        '<a href="{}" aria-label="{}"><rect class="person" x="{}" y="{}" width="{}" height="{}"/>'
        '<text class="count" x="{}" y="{}" text-anchor="middle">{}</text></a>',
        drawn,
    )


def _column_words(place: int, count: int) -> str:
    words = ngettext(
        "Edit distance %(low)s to %(high)s: %(count)d draft",
        "Edit distance %(low)s to %(high)s: %(count)d drafts",
        count,
    )
    low, high = formats.decimal(place / 10, 1), formats.decimal((place + 1) / 10, 1)
    return words % {"low": low, "high": high, "count": count}


def _median(median: float | None, x: float, base: float) -> SafeString:
    if median is None:
        return SafeString("")
    left = median > 0.6
    return format_html(
        '<line class="target" x1="{}" x2="{}" y1="{}" y2="{}"/>'
        '<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>',
        *(n(x), n(x), n(TOP - 8), n(base), n(x - 5 if left else x + 5), n(TOP), "end" if left else "start"),
        _("median %(value)s") % {"value": formats.decimal(median, 2)},
    )


def spark(values: Sequence[float | None], most: float | None = None) -> SafeString:
    """A trend line from zero, as small as a word. The table by day or week has the same figures."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return SafeString("")
    width, height = 112.0, 26.0
    top = most or max(known) or 1.0
    step = (width - 6) / max(1, len(values) - 1)
    points = [
        (3 + step * place, height - 3 - (height - 6) * min(value, top) / top)
        for place, value in enumerate(values)
        if value is not None
    ]
    return format_html(
        '<svg class="spark" viewBox="0 0 112 26" width="112" height="26" aria-hidden="true"><line class="rule" x1="0" '
        'x2="112" y1="23" y2="23"/><polyline points="{}"/><circle cx="{}" cy="{}" r="2.5"/></svg>',
        " ".join(f"{n(x)},{n(y)}" for x, y in points),
        *(n(value) for value in points[-1]),
    )


def bar(rate: float | None, low: float | None = None, high: float | None = None) -> SafeString:
    """A share as a bar from zero in a table row. A thin line shows its 95% confidence interval."""
    if rate is None:
        return SafeString("")
    whisker = SafeString("")
    if low is not None and high is not None:
        whisker = format_html('<path class="whisker" d="M{} 7H{}"/>', n(low * 100), n(high * 100))
    return format_html(
        '<svg class="bar" viewBox="0 0 100 14" width="100" height="14" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" x="0" y="3" width="100" height="8"/>'
        '<rect class="fill" x="0" y="3" width="{}" height="8"/>{}</svg>',
        n(rate * 100),
        whisker,
    )
