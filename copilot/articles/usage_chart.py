"""The bars of an article's weeks, as SVG: geometry in attributes, colour in classes (static/css/admin/article.css)."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from copilot.articles.usage import Week

WIDTH, HEIGHT, BASE, TOP = 440, 96, 76, 14


def weeks(found: Sequence[Week]) -> SafeString:
    """Per week one bar from zero: the drafts that cited the article, and faintly those that only had it before them."""
    most = max([week.retrieved for week in found], default=0)
    if not most:
        return SafeString("")
    slot = WIDTH / len(found)
    scale = (BASE - TOP) / most
    bars = format_html_join(
        "",
        "<g><title>week of {}: {} drafts, {} cited it</title>"
        '<rect class="kb-had" x="{}" y="{}" width="{}" height="{}"/>'
        '<rect class="kb-cited" x="{}" y="{}" width="{}" height="{}"/></g>',
        (_bar(week, place * slot, slot, scale) for place, week in enumerate(found)),
    )
    return format_html(
        '<svg class="kb-weeks" viewBox="0 0 {} {}" role="img" aria-label="Drafts per week, {} at most">{}'
        '<line class="kb-axis" x1="0" x2="{}" y1="{}" y2="{}"/><text x="0" y="10">{}</text>'
        '<text x="0" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">this week</text></svg>',
        *(WIDTH, HEIGHT, most, bars, WIDTH, BASE, BASE, f"most in a week: {most}"),
        *(HEIGHT - 4, f"{found[0].start:%-d %b}", WIDTH, HEIGHT - 4),
    )


def _bar(week: Week, x: float, slot: float, scale: float) -> tuple[object, ...]:
    left, wide = f"{x + 1:.1f}", f"{max(slot - 3, 1):.1f}"
    had, cited = week.retrieved * scale, week.cited * scale
    return (
        *(f"{week.start:%-d %b}", week.retrieved, week.cited),
        *(left, f"{BASE - had:.1f}", wide, f"{had:.1f}"),
        *(left, f"{BASE - cited:.1f}", wide, f"{cited:.1f}"),
    )
