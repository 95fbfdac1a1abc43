"""How well articles cover what customers asked about, by ticket category, over the last 90 days."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count

from qa.metrics.metrics import Share
from qa.metrics.report import Report
from qa.metrics.selection import Period
from qa.metrics.sources import Source
from tickets.models import Ticket, TicketQuerySet

DAYS = 90
LISTED = 50  # tickets shown for one category


@dataclass(frozen=True)
class Row:
    """One category. Of the drafts written to the end, `found` counts those with a source, `gaps` those without."""

    category: str
    tickets: int
    found: Share
    gaps: Share
    acceptance: Share
    articles: int


def _asked() -> TicketQuerySet:
    """Without those that we started: they ask nothing that an article could answer."""
    return Ticket.objects.exclude(channel=Ticket.Channel.OUTGOING)


def tickets(period: Period) -> dict[str, int]:
    rows = _asked().filter(created_at__gte=period.start, created_at__lt=period.end).order_by()
    return {row["category"] or "": row["n"] for row in rows.values("category").annotate(n=Count("id"))}


def newest(period: Period, category: str) -> list[Ticket]:
    """The tickets that `tickets` counts for this category, newest first."""
    rows = _asked().filter(created_at__gte=period.start, created_at__lt=period.end, category=category or None)
    return list(rows.order_by("-created_at", "-id")[:LISTED])


def rows(report: Report, asked: Mapping[str, int], sources: Sequence[Source]) -> list[Row]:
    """Every category with tickets, drafts or articles, most tickets first. Pure."""
    written = Counter(each.article.category for each in sources if each.usable)
    made = [_row(name, report, asked, written) for name in {*asked, *written, *report.by_category}]
    return sorted(made, key=lambda row: (-row.tickets, row.category))


def _row(name: str, report: Report, asked: Mapping[str, int], written: Mapping[str, int]) -> Row:
    figures = report.by_category.get(name)
    gaps = figures.gap_rate if figures else Share(0, 0)
    return Row(
        category=name,
        tickets=asked.get(name, 0),
        found=Share(gaps.whole - gaps.part, gaps.whole),
        gaps=gaps,
        acceptance=figures.acceptance if figures else Share(0, 0),
        articles=written.get(name, 0),
    )
