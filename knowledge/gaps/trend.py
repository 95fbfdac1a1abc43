"""A trend line the size of a word, drawn on the server. Its colours are in static/css/knowledge/gaps.css."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT, EDGE = 96.0, 22.0, 2.0


def spark(weekly: Sequence[int]) -> SafeString:
    """Questions per week as columns from zero, the newest at the right; the words say the same."""
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
    said = ", ".join(str(n) for n in weekly)
    return format_html(
        '<svg class="gap-spark" role="img" viewBox="0 0 {} {}" width="{}" height="{}">'
        "<title>Questions per week, oldest first: {}</title>"
        '<line x1="0" x2="{}" y1="{}" y2="{}"/>{}</svg>',
        *(f"{WIDTH:.0f}", f"{HEIGHT:.0f}", f"{WIDTH:.0f}", f"{HEIGHT:.0f}", said),
        *(f"{WIDTH:.0f}", f"{HEIGHT - EDGE + 0.5:.1f}", f"{HEIGHT - EDGE + 0.5:.1f}"),
        format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}"/>', bars),
    )
