"""Records questions that the knowledge base did not answer.

Callers mask what they know about the customer. Personal data that any text may contain is masked again here, because
authors who may not open tickets read the question.
"""

from decimal import Decimal

from django.utils import timezone

from knowledge.masking.forms import for_storage
from knowledge.models import Gap

QUERY_LIMIT = 2000


def record_gap(
    asked_in: str,
    query: str,
    *,
    category: str = "",
    language: str = "",
    best_score: float | None = None,
    tier: str = "",
    value: Decimal | int = 0,
) -> Gap:
    """One gap per `asked_in`: recording it again updates and reopens it.

    `tier` and `value` (lifetime value, in the desk's currency) are the customer's at this moment.
    """
    query = for_storage(query)[:QUERY_LIMIT]
    gap, _ = Gap.objects.update_or_create(
        asked_in=asked_in[:60],
        defaults={
            "query": query,
            "category": category[:40],
            "language": language[:8],
            "best_score": best_score,
            "tier": tier[:20],
            "value": value,
            "closed_at": None,
            "answered_by": None,
            # Made of the old text; grouping makes a new one.
            "vector": None,
            "vector_model": "",
        },
    )
    return gap


def close_gap(asked_in: str) -> bool:
    """True if there was an open one."""
    return bool(Gap.objects.filter(asked_in=asked_in, closed_at__isnull=True).update(closed_at=timezone.now()))
