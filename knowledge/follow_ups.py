"""What follows when an article is searchable: open questions are asked again, its passages are compared."""

import logging

from knowledge.models import Article

logger = logging.getLogger(__name__)


def queue(job: str, *ids: int) -> None:
    """Ask the worker. A broken broker breaks nothing: the schedules do the same work later."""
    try:
        from django_q.tasks import async_task

        async_task(f"knowledge.tasks.{job}", *ids)
    except Exception as error:  # the broker may be anything; its errors share no base
        logger.warning("Could not queue %s %s: %s", job, ids, type(error).__name__)


def article_indexed(article_id: int) -> None:
    if Article.objects.published().filter(pk=article_id).exists():
        queue("follow_up_article", article_id)
