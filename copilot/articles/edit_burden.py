"""How much agents edited drafts that cite an article: in the last four weeks and the four before. One query."""

from collections import defaultdict
from datetime import datetime, timedelta
from statistics import median

from copilot.models import Citation, Draft
from knowledge.hygiene.edits import Editing

WINDOW = timedelta(weeks=4)


def read(now: datetime) -> dict[int, Editing]:
    """For `knowledge.hygiene.edits`."""
    rows = (
        Citation.objects.filter(cited=True, article__isnull=False, draft__review=Draft.Review.EDITED)
        .filter(
            draft__reviewed_at__gt=now - 2 * WINDOW, draft__reviewed_at__lte=now, draft__edit_distance__isnull=False
        )
        .order_by()
        .values_list("article_id", "draft_id", "draft__reviewed_at", "draft__edit_distance")
        .distinct()
    )
    recent: dict[int, list[float]] = defaultdict(list)
    earlier: dict[int, list[float]] = defaultdict(list)
    for article_id, _, reviewed_at, distance in rows:
        if reviewed_at is not None and distance is not None and article_id is not None:
            (recent if reviewed_at > now - WINDOW else earlier)[article_id].append(distance)
    return {
        article_id: Editing(
            median(earlier[article_id]), median(recent[article_id]), len(earlier[article_id]), len(recent[article_id])
        )
        for article_id in recent.keys() & earlier.keys()
    }
