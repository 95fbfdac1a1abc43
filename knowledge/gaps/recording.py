"""Questions that the knowledge base did not answer.

Whoever asks masks what they know about the person first; what any text may hold is masked here again, because authors
read it who may not open tickets.
"""

from decimal import Decimal

from django.utils import timezone

from knowledge import masking
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
    """Once per place: asking again there refreshes the gap and opens it again.

    `tier` and `value` (lifetime value, in the desk's currency) are those of the customer who asks, as of now.
    """
    query = masking.mask(query)[:QUERY_LIMIT]
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
            # Of the text before; grouping makes it again.
            "vector": None,
            "vector_model": "",
        },
    )
    return gap


def close_gap(asked_in: str) -> bool:
    """True when there was an open one."""
    return bool(Gap.objects.filter(asked_in=asked_in, closed_at__isnull=True).update(closed_at=timezone.now()))
