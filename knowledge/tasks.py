"""Background jobs, each one line of work; a failure is logged and `sync_all`, run every minute, catches up.

Lanes: config/background/schedules.py and who queues say which; what takes longer than seconds belongs into the slow
one.
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

HYGIENE_PATIENCE = 10.0  # seconds: grouping, which is due every ten minutes, waits no longer for one part


def later(job: str, *ids: int) -> None:
    """Have another job of this module done where nobody waits for it."""
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
    """Once an hour: every vector is compared with the database."""
    try:
        report = storing.check()
    except (IndexUnavailable, EmbedderUnavailable) as error:
        logger.warning("Comparing vectors waits: %s", error)
        return f"waits: {error}"
    return f"{report.upserted} stored, {report.deleted} removed"


def group_gaps() -> str:
    """Every ten minutes: open questions into topics, and those that find an answer by now are closed."""
    try:
        report = topics.regroup()
    except EmbedderUnavailable as error:
        logger.warning("Questions wait for being grouped: %s", error)
        return f"waits: {error}"
    closed = closing.recheck_recently_published(timezone.now())
    return f"{report}, {closed} answered by now"


def follow_up() -> str:
    """Articles are searchable: ask the open questions again, compare their passages with all others."""
    try:
        report = follow_ups.follow()
    except EmbedderUnavailable as error:
        return f"waits: {error}"
    if report.to_sweep:
        later("check_hygiene")
    return f"{report.articles} articles followed, {report.answered} questions answered"


def check_hygiene(after: int = 0) -> str:
    """Once a day: every passage is compared with its neighbours, a part at a time so that other jobs get their turn."""
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
    """What visitors of the help center looked for in vain, once they have left it at that."""
    return f"{visits.record_gaps()} noted"


def forget_help_visits() -> str:
    """Once a day: visits older than HELP_VISIT_DAYS."""
    return f"{visits.delete_old()} forgotten"


def publish_due() -> str:
    """Once a minute: what was approved for now or earlier."""
    return f"{len(proposals.publish_due())} published"


def remind_owners() -> str:
    """Once a day: articles that want reading again."""
    return str(reminders.remind())
