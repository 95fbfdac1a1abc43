"""How far the confidence of drafts agrees with what the desk's agents did with them."""

from django.db.models import Avg, Count, F, Q
from django.db.models.functions import Floor, Least

from copilot.confidence.weights import BINS, Bin
from copilot.models import Draft, DraftRecord

NEWEST = 5000  # drafts with a confidence: what was said long ago was said with other weights
ENOUGH = 50  # reviewed drafts; with less, shares say nothing
LIGHT = 0.2  # edit distance of a draft that was sent nearly as it was
Review = Draft.Review
REVIEWED = (Review.ACCEPTED, Review.EDITED, Review.REJECTED, Review.IGNORED)
JUDGED = Q(draft__state=Draft.State.READY, draft__review__in=REVIEWED, draft__shown_at__isnull=False)
FIT = Q(draft__review=Review.ACCEPTED) | Q(draft__review=Review.EDITED, draft__edit_distance__lte=LIGHT)


def of_desk() -> list[Bin]:
    """Right: sent as it was, or lightly edited. One query, however many drafts there are.

    What became of a draft is counted, not selected by: otherwise SQLite would begin with all drafts that are ready.
    """
    known = DraftRecord.objects.filter(confidence__isnull=False)
    newest = known.order_by("-draft_id").values("draft_id")[:NEWEST]
    rows = (
        known.filter(draft_id__in=newest)
        .annotate(place=Least(Floor(F("confidence") * BINS), BINS - 1.0))
        .values("place")
        .annotate(
            count=Count("pk", filter=JUDGED),
            said=Avg("confidence", filter=JUDGED),
            right=Count("pk", filter=JUDGED & FIT),
        )
        .order_by("place")
    )
    return [Bin(row["count"], row["said"], row["right"] / row["count"]) for row in rows if row["count"]]
