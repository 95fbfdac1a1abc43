"""Drafts per week of an article as an SVG bar chart. Colours come from classes in static/css/admin/article.css."""

from collections.abc import Sequence

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from copilot.articles.usage import Week

WIDTH, HEIGHT, BASE, TOP = 440, 96, 76, 14
DAY = "MONTH_DAY_FORMAT"


def weeks(found: Sequence[Week]) -> SafeString:
    """One bar per week: drafts that cited the article, and fainter those that only had it as a source."""
    most = max([week.retrieved for week in found], default=0)
    if not most:
        return SafeString("")
    slot = WIDTH / len(found)
    scale = (BASE - TOP) / most
    bars = format_html_join(
        "",
        "<g><title>{}</title>"
        '<rect class="kb-had" x="{}" y="{}" width="{}" height="{}"/>'
        '<rect class="kb-cited" x="{}" y="{}" width="{}" height="{}"/></g>',
        (_bar(week, place * slot, slot, scale) for place, week in enumerate(found)),
    )
    return format_html(
        '<svg class="kb-weeks" viewBox="0 0 {} {}" role="img" aria-label="{}">{}'
        '<line class="kb-axis" x1="0" x2="{}" y1="{}" y2="{}"/><text x="0" y="10">{}</text>'
        '<text x="0" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">{}</text></svg>',
        *(WIDTH, HEIGHT, _("Drafts per week (highest: %(most)d)") % {"most": most}, bars),
        *(WIDTH, BASE, BASE, _("Highest week: %(most)d") % {"most": most}),
        *(HEIGHT - 4, date_format(found[0].start, DAY), WIDTH, HEIGHT - 4, _("This week")),
    )


def _title(week: Week) -> str:
    text = ngettext(
        "Week of %(start)s: %(count)d draft, %(cited)d cited it",
        "Week of %(start)s: %(count)d drafts, %(cited)d cited it",
        week.retrieved,
    )
    return text % {"start": date_format(week.start, DAY), "count": week.retrieved, "cited": week.cited}


def _bar(week: Week, x: float, slot: float, scale: float) -> tuple[object, ...]:
    left, wide = f"{x + 1:.1f}", f"{max(slot - 3, 1):.1f}"
    had, cited = week.retrieved * scale, week.cited * scale
    return (
        _title(week),
        *(left, f"{BASE - had:.1f}", wide, f"{had:.1f}"),
        *(left, f"{BASE - cited:.1f}", wide, f"{cited:.1f}"),
    )
