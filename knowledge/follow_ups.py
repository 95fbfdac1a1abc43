"""What happens once articles are searchable: open gaps are searched again, passages are compared with all others.

Both take seconds in a large knowledge base, however few the new articles are. So one run does all that are due, in the
slow lane. `Article.followed` marks what is done. An import is too much for one run: `sweep` compares its passages, a
part at a time.
"""

import logging
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q

from knowledge.gaps import closing
from knowledge.hygiene import findings
from knowledge.models import Article

logger = logging.getLogger(__name__)

TOGETHER = 64  # articles in one run; more are an import


@dataclass(frozen=True)
class Report:
    """`to_sweep`: there are so many that all passages must be compared by a job of its own."""

    articles: int = 0
    answered: int = 0
    to_sweep: bool = False


def waiting() -> dict[int, int | None]:
    """`{article id: published revision}` of articles that are searchable and due here, newest first."""
    behind = Q(followed=None) | ~Q(followed=F("published"))
    ready = Article.objects.published().filter(behind, indexed=F("published"))
    return dict(ready.order_by("-published_at", "-id").values_list("id", "published_id"))


def follow() -> Report:
    """Do all that are due. Raises EmbedderUnavailable; the next run tries again."""
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
