"""The file of the SQLite channel layer. A damaged file is renamed and replaced by a new one.

Nothing in it needs to be kept: a browser that lost its socket connects again and fetches what it missed.
"""

import fcntl
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from django.core.management import call_command
from django.db import connections

log = logging.getLogger(__name__)

ALIAS = "channels"
APP = "channels_lite"  # the only app whose tables are in this database
TABLES = {"channels_lite_event", "channels_lite_groupmembership"}
# SQLite's messages for a damaged file. "locked" and "busy" pass, so they are not here.
DAMAGE = ("not a database", "malformed", "no such table", "disk i/o error", "unsupported file format")
BESIDE = ("", "-wal", "-shm")  # SQLite's files of one database


def means_damage(error: BaseException) -> bool:
    """Whether this error means that the file is damaged, not only busy."""
    return isinstance(error, sqlite3.DatabaseError) and any(words in str(error).lower() for words in DAMAGE)


def is_intact(path: Path) -> bool:
    """Whether the file exists, can be read from end to end and has its tables."""
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(path, timeout=5)) as connection:
            checked = connection.execute("PRAGMA quick_check(1)").fetchone()
            found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.OperationalError as error:
        return not means_damage(error)
    except sqlite3.DatabaseError:
        return False
    return checked == ("ok",) and found >= TABLES


def migrate() -> None:
    """Create or update the tables. Without the other apps, whose migrations would take seconds and create nothing."""
    call_command("migrate", APP, database=ALIAS, verbosity=0, interactive=False)


def replace_if_damaged(path: Path) -> Path | None:
    """Create a new file in place of a damaged or missing one. Returns the new path of the damaged one.

    If several processes notice at once, the first one does it. Raises OSError or DatabaseError if no file can be
    created (a full disk, no permission).
    """
    with _turn(path):
        if is_intact(path):
            return None
        aside = _rename_damaged(path)
        connections[ALIAS].close()
        migrate()
    if aside is not None:
        log.warning("%s was damaged: renamed to %s and replaced; live updates continue", path.name, aside.name)
    return aside


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """One process at a time. The kernel unlocks the file, however the process ends."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _rename_damaged(path: Path) -> Path | None:
    if not path.exists():
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}")
    for ending in BESIDE:
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    return aside
