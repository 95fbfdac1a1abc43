"""The web process stores the vectors of what is published there itself, at once, in a thread of its own.

The worker's job for the same article stays and does what follows; but it may have to wait for drafts that take half a
minute each, and an author should not. Nothing here has to succeed.
"""

import logging
import threading
from queue import Full, LifoQueue
from typing import Any

from django.db import connections

from knowledge import sync
from knowledge.embeddings import EmbedderUnavailable
from knowledge.index import IndexUnavailable
from knowledge.signals import vectors_wanted

logger = logging.getLogger(__name__)

# The newest first: of many at once the worker begins with the oldest. More than these are left to it.
_waiting: LifoQueue[int] = LifoQueue(maxsize=50)


def start() -> None:
    """From now on, in this process."""
    vectors_wanted.connect(note, dispatch_uid="sync at once")
    threading.Thread(target=_run, name="sync at once", daemon=True).start()


def note(sender: Any, article_id: int, **kwargs: Any) -> None:
    try:
        _waiting.put_nowait(article_id)
    except Full:
        logger.info("Vectors of article %s are left to the worker", article_id)


def work_once() -> None:
    """Wait for an article and store its vectors; what fails is left to the worker."""
    article_id = _waiting.get()
    try:
        sync.sync_article(article_id)
    except (IndexUnavailable, EmbedderUnavailable) as error:
        logger.info("Vectors of article %s are left to the worker: %s", article_id, error)
    except Exception:
        logger.exception("Vectors of article %s are left to the worker", article_id)


def _run() -> None:
    while True:
        work_once()
        connections.close_all()
