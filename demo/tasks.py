"""The demo's first job, in the slow lane."""

import logging

from knowledge import sync
from knowledge.embeddings import EmbedderUnavailable
from knowledge.index import IndexUnavailable

logger = logging.getLogger(__name__)


def index() -> int:
    """The search index. The drafter finds by itself which tickets wait, and waits for the index. Returns articles."""
    try:
        return sync.repair(patience=600).articles
    except (IndexUnavailable, EmbedderUnavailable) as error:
        logger.warning("The index is left to the schedule: %s", error)
        return 0
