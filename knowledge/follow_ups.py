"""What follows when articles are searchable: open questions are asked again, passages are compared with all others.

Both take seconds in a large knowledge base, however few the new articles are. So one run takes all that wait, in the
slow lane, where nobody waits for it. `Article.followed` says what was done. An import is too much for one run: its
passages are compared by `sweep`, a part at a time.
"""

import logging
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q

from knowledge.gaps import closing
from knowledge.hygiene import findings
from knowledge.models import Article

logger = logging.getLogger(__name__)

TOGETHER = 64  # articles followed in one go; more are an import


@dataclass(frozen=True)
class Report:
    """`to_sweep`: there were so many that the comparison of all is to be queued."""

    articles: int = 0
    answered: int = 0
    to_sweep: bool = False


def waiting() -> dict[int, int | None]:
    """Published revisions by article, searchable and not followed yet; the newest first."""
    behind = Q(followed=None) | ~Q(followed=F("published"))
    ready = Article.objects.published().filter(behind, indexed=F("published"))
    return dict(ready.order_by("-published_at", "-id").values_list("id", "published_id"))


def follow() -> Report:
    """All that wait. Raises EmbedderUnavailable, with all of them left for the next run."""
    ready = waiting()
    if not ready:
        return Report()
    answered = closing.recheck_for(list(ready)[:TOGETHER])
    to_sweep = len(ready) > TOGETHER
    if not to_sweep:
        logger.info("Articles %s: %s", list(ready), findings.refresh(ready.keys()))
    with transaction.atomic():
        for article_id, revision_id in ready.items():
            Article.objects.filter(pk=article_id).update(followed_id=revision_id)
    return Report(len(ready), answered, to_sweep)
