"""Which stored versions are in use, as far as this process knows: it looks again after FRESH seconds.

So a change reaches every process within seconds, without a query for each prompt. Code in an event loop cannot query:
it gets what is known, and a thread looks again.
"""

import asyncio
import logging
import threading
import time

from django.db import DatabaseError, connections
from django.db.models import Exists, OuterRef

from copilot.models import TextActivation, TextVersion

log = logging.getLogger(__name__)

FRESH = 2.0  # seconds
FIRST_LOOK = 1.0  # seconds that an event loop waits for the first look of a process


class Known:
    """Versions in use by name; a name that is not here uses its file."""

    def __init__(self) -> None:
        self.versions: dict[str, TextVersion] = {}
        self.read_at = float("-inf")
        self.looking: threading.Thread | None = None

    @property
    def stale(self) -> bool:
        return time.monotonic() - self.read_at > FRESH


known = Known()


def stored(name: str) -> TextVersion | None:
    """The version in use; None for the file."""
    if known.stale:
        if in_event_loop():
            _look_beside()
        else:
            look()
    return known.versions.get(name)


def forget() -> None:
    """Look again at the next question, because something was activated."""
    known.read_at = float("-inf")


def look() -> None:
    """If the database does not answer, what was known before stays in use."""
    began = time.monotonic()
    try:
        known.versions = {row.name: row.version for row in newest() if row.version is not None}
    except DatabaseError as error:
        log.warning("prompts in use not read: error=%s", type(error).__name__)
    known.read_at = began


def newest() -> list[TextActivation]:
    """The newest activation of each name, with its version."""
    later = TextActivation.objects.filter(name=OuterRef("name"), place__gt=OuterRef("place"))
    return list(TextActivation.objects.exclude(Exists(later)).select_related("version", "created_by"))


def in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _look_beside() -> None:
    """In a thread of its own, which leaves no connection open."""
    if known.looking is None or not known.looking.is_alive():
        known.looking = threading.Thread(target=_look_once, daemon=True)
        known.looking.start()
    if known.read_at == float("-inf"):
        known.looking.join(FIRST_LOOK)


def _look_once() -> None:
    try:
        look()
    finally:
        connections.close_all()
