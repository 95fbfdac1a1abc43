"""What follows when articles are searchable: open questions are asked again, passages are compared with all others.

Both take seconds in a large knowledge base, however few the new articles are. So one run takes all that wait, and a
run that finds another at it leaves them to that one. `Article.followed` says what was done. An import is too much for
one run: its passages are compared by `sweep`, a part at a time. Whoever compares holds the same lock, so that one of
the worker's processes is always left for drafts and mail.
"""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from knowledge import gaps_closing, hygiene_findings
from knowledge.models import Article

logger = logging.getLogger(__name__)

TOGETHER = 64  # articles followed in one go; more are an import


@dataclass(frozen=True)
class Report:
    """`busy`: another run is at it. `to_sweep`: there were so many that the comparison of all is to be queued."""

    articles: int = 0
    answered: int = 0
    to_sweep: bool = False
    busy: bool = False


def queue(job: str, *ids: int) -> None:
    """Ask the worker. A broken broker breaks nothing: the schedules do the same work later."""
    try:
        from django_q.tasks import async_task

        async_task(f"knowledge.tasks.{job}", *ids)
    except Exception as error:  # the broker may be anything; its errors share no base
        logger.warning("Could not queue %s %s: %s", job, ids, type(error).__name__)


def waiting() -> dict[int, int | None]:
    """Published revisions by article, searchable and not followed yet; the newest first."""
    behind = Q(followed=None) | ~Q(followed=F("published"))
    ready = Article.objects.published().filter(behind, indexed=F("published"))
    return dict(ready.order_by("-published_at", "-id").values_list("id", "published_id"))


def follow() -> Report:
    """All that wait. Raises EmbedderUnavailable, with all of them left for the next run."""
    with turn() as ours:
        if not ours:
            return Report(busy=True)
        ready = waiting()
        if not ready:
            return Report()
        answered = gaps_closing.recheck_for(list(ready)[:TOGETHER])
        to_sweep = len(ready) > TOGETHER
        if not to_sweep:
            logger.info("Articles %s: %s", list(ready), hygiene_findings.refresh(ready.keys()))
        with transaction.atomic():
            for article_id, revision_id in ready.items():
                Article.objects.filter(pk=article_id).update(followed_id=revision_id)
    return Report(len(ready), answered, to_sweep)


@contextmanager
def turn() -> Iterator[bool]:
    """Is nobody else comparing? A lock that the kernel gives back however its holder ends."""
    with (Path(settings.VAR_DIR) / "follow.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
