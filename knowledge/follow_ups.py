"""What follows when articles are searchable: open questions are asked again, passages are compared with all others.

Both take seconds in a large knowledge base, however few the new articles are. So one run takes all that wait, and a
run that finds another at it leaves them to that one. `Article.followed` says what was done.
"""

import fcntl
import logging
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import F, Q

from knowledge import gaps_closing, hygiene_findings
from knowledge.models import Article

logger = logging.getLogger(__name__)

TOGETHER = 64  # articles followed in one go
PATIENCE = 30.0  # seconds: then the worker's other jobs have their turn


@dataclass(frozen=True)
class Report:
    """`busy`: another run is at it. `finished`: nothing is left."""

    articles: int = 0
    answered: int = 0
    finished: bool = True
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
    return dict(ready.order_by("-published_at", "-id").values_list("id", "published_id")[:TOGETHER])


def follow(patience: float = PATIENCE) -> Report:
    """All that wait, some at a time. Raises EmbedderUnavailable, with the rest left for the next run."""
    deadline, report = time.monotonic() + patience, Report()
    with _turn() as ours:
        if not ours:
            return Report(busy=True)
        while ready := waiting():
            if time.monotonic() > deadline:
                return Report(report.articles, report.answered, finished=False)
            report = Report(report.articles + len(ready), report.answered + _follow(ready.keys()))
            for article_id, revision_id in ready.items():
                Article.objects.filter(pk=article_id).update(followed_id=revision_id)
    return report


def _follow(article_ids: Collection[int]) -> int:
    answered = gaps_closing.recheck_for(article_ids)
    found = hygiene_findings.refresh(article_ids)
    logger.info("Articles %s: %d questions answered, %s", list(article_ids), answered, found)
    return answered


@contextmanager
def _turn() -> Iterator[bool]:
    """Is nobody else at it? A lock that the kernel gives back however its holder ends."""
    with (Path(settings.VAR_DIR) / "follow.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
