"""Starts the vector index over if Chroma cannot read it. It is a cache; meanwhile search goes by words only.

One failure can be chance (a locked file, a full disk). Failing again after a while means damage.
"""

import logging
import time
from pathlib import Path

from django.conf import settings

from knowledge.index.vectors import VectorStore

logger = logging.getLogger(__name__)

CHANCE = 20.0  # seconds within which a failure counts as chance


def _note(of: str) -> Path:
    return Path(settings.VAR_DIR) / f"{of}.trouble"


def start_over_if_damaged(store: VectorStore, of: str = "index") -> bool:
    """Call when the index could not be read. True if it was started over. `of`: which one, if it is another's store."""
    note = _note(of)
    if not note.exists():
        note.touch()
        return False
    if time.time() - note.stat().st_mtime < CHANCE:
        return False
    note.unlink(missing_ok=True)
    store.start_over()
    logger.warning("The vector index is damaged. It starts over and is filled from the database")
    return True


def forget(of: str = "index") -> None:
    """Call when the index could be read."""
    _note(of).unlink(missing_ok=True)
