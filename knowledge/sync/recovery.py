"""A vector index that can no longer be read is started anew: it is a cache, and search goes by words meanwhile.

Once is chance (a locked file, a full disk); seen again after a while, it is damage.
"""

import logging
import time
from pathlib import Path

from django.conf import settings

from knowledge.index.vectors import VectorStore

logger = logging.getLogger(__name__)

CHANCE = 20.0  # seconds


def _note() -> Path:
    return Path(settings.VAR_DIR) / "index.trouble"


def noticed(store: VectorStore) -> bool:
    """The index could not be read. Was it started anew?"""
    note = _note()
    if not note.exists():
        note.touch()
        return False
    if time.time() - note.stat().st_mtime < CHANCE:
        return False
    note.unlink(missing_ok=True)
    store.start_over()
    logger.warning("The vector index is damaged: it is started anew and filled from the database")
    return True


def over() -> None:
    """The index was read."""
    _note().unlink(missing_ok=True)
