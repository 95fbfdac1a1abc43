"""Background jobs. A failure is logged, and `sync_all`, which runs every minute, catches up.

config/background/schedules.py, or whoever queues a job, chooses its lane. What takes longer than seconds belongs in
the slow lane.
"""

import logging

from django.utils import timezone

from config.jobs import SLOW, queue
from knowledge import follow_ups
from knowledge.articles import proposals, publishing, reminders
from knowledge.gaps import closing, topics
from knowledge.help_center import visits
from knowledge.hygiene import findings
from knowledge.index.embeddings import EmbedderUnavailable
from knowledge.index.vectors import IndexUnavailable
from knowledge.sync import storing

logger = logging.getLogger(__name__)

HYGIENE_PATIENCE = 10.0  # seconds for one part of the comparison, so that other jobs of the lane need not wait


def later(job: str, *ids: int) -> None:
    """Queue another job of this module in the slow lane."""
    queue(f"knowledge.tasks.{job}", *ids, lane=SLOW)


def sync_article(article_id: int) -> str:
    try:
        report = storing.sync_article(article_id)
    except (IndexUnavailable, EmbedderUnavailable) as error:
        logger.warning("Vectors of article %s wait: %s", article_id, error)
        return f"waits: {error}"
    if follow_ups.waiting():
        later("follow_up")
    return f"{report.upserted} stored, {report.deleted} removed"


def sync_all() -> str:
    try:
        report = storing.sync_all()
    except (IndexUnavailable, EmbedderUnavailable) as error:
        logger.warning("Vectors wait: %s", error)
        return f"waits: {error}"
    if report.finished:
        if follow_ups.waiting():
            later("follow_up")
        return f"{report.upserted} stored, {report.deleted} removed"
    publishing.queue_sync_all()
    return f"{report.upserted} stored, {report.deleted} removed, more to do"


def check_index() -> str:
    """Once an hour: compare every vector with the database."""
    try:
        report = storing.check()
    except (IndexUnavailable, EmbedderUnavailable) as error:
        logger.warning("Comparing vectors waits: %s", error)
        return f"waits: {error}"
    return f"{report.upserted} stored, {report.deleted} removed"


def group_gaps() -> str:
    """Every ten minutes: group open gaps into topics, and close those that an article answers by now."""
    try:
        report = topics.regroup()
    except EmbedderUnavailable as error:
        logger.warning("Grouping of gaps waits: %s", error)
        return f"waits: {error}"
    closed = closing.recheck_recently_published(timezone.now())
    return f"{report}, {closed} answered by now"


def follow_up() -> str:
    """New articles are searchable: search open gaps again, and compare the articles' passages with all others."""
    try:
        report = follow_ups.follow()
    except EmbedderUnavailable as error:
        return f"waits: {error}"
    if report.to_sweep:
        later("check_hygiene")
    return f"{report.articles} articles followed, {report.answered} questions answered"


def check_hygiene(after: int = 0) -> str:
    """Once a day: compare every passage with similar ones, a part at a time so that other jobs can run."""
    try:
        report, last = findings.sweep(after, HYGIENE_PATIENCE)
    except EmbedderUnavailable as error:
        logger.warning("Comparing passages waits: %s", error)
        return f"waits: {error}"
    if last is None:
        return str(report)
    later("check_hygiene", last)
    return f"{report}, more to do"


def note_unanswered_searches() -> str:
    """Record help center searches that found nothing as gaps, once the visit is over."""
    return f"{visits.record_gaps()} noted"


def forget_help_visits() -> str:
    """Once a day: delete visits older than HELP_VISIT_DAYS."""
    return f"{visits.delete_old()} forgotten"


def publish_due() -> str:
    """Once a minute: publish scheduled articles that are due."""
    return f"{len(proposals.publish_due())} published"


def remind_owners() -> str:
    """Once a day: mail owners whose articles are due for review."""
    return str(reminders.remind())
