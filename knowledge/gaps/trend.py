"""A small bar chart of questions per week, as SVG. Its colors are in static/css/knowledge/gaps.css."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

WIDTH, HEIGHT, EDGE = 96.0, 22.0, 2.0


def spark(weekly: Sequence[int]) -> SafeString:
    """One bar per week from zero, the newest at the right. The title has the same numbers for screen readers."""
    if not any(weekly):
        return SafeString("")
    slot = (WIDTH - 2 * EDGE) / len(weekly)
    most = max(*weekly, 2)
    room = HEIGHT - 2 * EDGE
    bars = [
        (
            f"{EDGE + slot * i + 1:.1f}",
            f"{HEIGHT - EDGE - room * n / most:.1f}",
            f"{slot - 2:.1f}",
            f"{room * n / most:.1f}",
        )
        for i, n in enumerate(weekly)
        if n
    ]
    title = _("Questions per week, oldest first: %(numbers)s") % {"numbers": ", ".join(map(str, weekly))}
    return format_html(
        '<svg class="gap-spark" role="img" viewBox="0 0 {} {}" width="{}" height="{}">'
        "<title>{}</title>"
        '<line x1="0" x2="{}" y1="{}" y2="{}"/>{}</svg>',
        *(f"{WIDTH:.0f}", f"{HEIGHT:.0f}", f"{WIDTH:.0f}", f"{HEIGHT:.0f}", title),
        *(f"{WIDTH:.0f}", f"{HEIGHT - EDGE + 0.5:.1f}", f"{HEIGHT - EDGE + 0.5:.1f}"),
        format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}"/>', bars),
    )
