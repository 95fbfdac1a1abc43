"""What became of the drafts that had an article as a source: figures, weeks, latest drafts. Reads only."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from copilot.models import Citation, Draft
from knowledge.hygiene.usage import Usage

LATEST = 10
CITED = Q(cited=True)


def provide(article_ids: Collection[int] | None, since: datetime) -> dict[int, Usage]:
    """For `knowledge.hygiene.usage`: one query for any number of articles."""
    rows = Citation.objects.filter(article__isnull=False, draft__created_at__gte=since)
    if article_ids is not None:
        rows = rows.filter(article__in=article_ids)
    judged = {
        review.value: Count("draft", distinct=True, filter=CITED & Q(draft__review=review))
        for review in (Draft.Review.ACCEPTED, Draft.Review.EDITED, Draft.Review.REJECTED, Draft.Review.IGNORED)
    }
    # Citations are ordered by number: without order_by() each number would form its own group.
    grouped = (
        rows.order_by()
        .values("article_id")
        .annotate(
            retrieved=Count("draft", distinct=True), cited_in=Count("draft", distinct=True, filter=CITED), **judged
        )
    )
    return {
        row["article_id"]: Usage(row["retrieved"], row["cited_in"], *(row[review] for review in judged))  # type: ignore[literal-required]
        for row in grouped
    }


@dataclass(frozen=True)
class Week:
    """Drafts that had the article as a source in the seven days from `start`."""

    start: date
    cited: int
    retrieved: int


@dataclass(frozen=True)
class Report:
    """What the panel of one article shows. `edit_distance` is the median of edited drafts, 0 (same) to 1."""

    usage: Usage
    edit_distance: float | None
    reasons: Sequence[tuple[str, int]]
    weeks: Sequence[Week]
    latest: Sequence[Draft]
    since: datetime


def report(article_id: int, since: datetime) -> Report:
    """Two queries, whatever the number of drafts."""
    drafts = _drafts(article_id, since)
    fields = ("created_at", "review", "reason", "edit_distance", "used")
    rows: list[dict[str, Any]] = list(drafts.order_by("created_at").values(*fields))  # type: ignore[misc]
    cited = [row for row in rows if row["used"]]
    reviews = Counter(row["review"] for row in cited)
    distances = [
        row["edit_distance"] for row in cited if row["review"] == "edited" and row["edit_distance"] is not None
    ]
    reasons = Counter(str(Draft.Reason(row["reason"]).label) for row in cited if row["reason"])
    return Report(
        usage=Usage(len(rows), len(cited), *(reviews[each] for each in ("accepted", "edited", "rejected", "ignored"))),
        edit_distance=median(distances) if distances else None,
        reasons=reasons.most_common(),
        weeks=by_week(
            [(timezone.localdate(row["created_at"]), bool(row["used"])) for row in rows], since, timezone.now()
        ),
        latest=list(drafts.select_related("ticket")[:LATEST]),
        since=since,
    )


def _drafts(article_id: int, since: datetime) -> QuerySet[Draft]:
    """Drafts with the article as a source, newest first; `used`: how many of its units they cited."""
    found = Draft.objects.filter(citations__article=article_id, created_at__gte=since)
    return found.annotate(used=Count("citations", filter=Q(citations__cited=True)))


def by_week(days: Sequence[tuple[date, bool]], since: datetime, now: datetime) -> list[Week]:
    """One row for each week that ends today or earlier, the oldest first, empty ones too. Pure."""
    today = timezone.localdate(now)
    count = max(1, -(-(today - timezone.localdate(since)).days // 7))
    starts = [today - timedelta(days=7 * back - 1) for back in range(count, 0, -1)]
    return [
        Week(
            start,
            cited=sum(1 for day, used in days if used and start <= day < start + timedelta(days=7)),
            retrieved=sum(1 for day, _ in days if start <= day < start + timedelta(days=7)),
        )
        for start in starts
    ]
