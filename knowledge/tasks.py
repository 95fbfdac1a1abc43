"""Background jobs, each one line of work; a failure is logged and `sync_all`, run every minute, catches up."""

import logging

from knowledge import sync
from knowledge.embeddings import EmbedderUnavailable
from knowledge.index import IndexUnavailable

logger = logging.getLogger(__name__)


def sync_article(article_id: int) -> str:
    try:
        report = sync.sync_article(article_id)
    except (IndexUnavailable, EmbedderUnavailable) as error:
        logger.warning("Vectors of article %s wait: %s", article_id, error)
        return f"waits: {error}"
    return f"{report.upserted} stored, {report.deleted} removed"


def sync_all() -> str:
    try:
        report = sync.sync_all()
    except (IndexUnavailable, EmbedderUnavailable) as error:
        logger.warning("Vectors wait: %s", error)
        return f"waits: {error}"
    return f"{report.upserted} stored, {report.deleted} removed" + ("" if report.finished else ", more to do")
