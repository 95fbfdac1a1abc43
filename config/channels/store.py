"""The file under the SQLite channel layer: a cache of seconds, so a damaged one is set aside and made anew.

Nothing in it is worth keeping: a browser that lost its socket connects again and fetches what it missed.
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
TABLES = {"channels_lite_event", "channels_lite_groupmembership"}
# What SQLite says of a file that will not get better by itself; "locked" and "busy" do.
DAMAGE = ("not a database", "malformed", "no such table", "disk i/o error", "unsupported file format")
BESIDE = ("", "-wal", "-shm")  # SQLite's files of one database


def means_damage(error: BaseException) -> bool:
    """Whether this error of SQLite means that the file is broken, not only busy."""
    return isinstance(error, sqlite3.DatabaseError) and any(words in str(error).lower() for words in DAMAGE)


def is_sound(path: Path) -> bool:
    """Whether the file can be read from end to end and has its tables; a file that is not there is not sound."""
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


def mend(path: Path) -> Path | None:
    """Make a new file in place of a damaged or missing one; returns where the damaged one is now.

    Several processes may notice at once: the first does it, the others find it done. Raises OSError or
    DatabaseError where no file can be made (a full disk, no right to write).
    """
    with _turn(path):
        if is_sound(path):
            return None
        aside = _set_aside(path)
        connections[ALIAS].close()
        call_command("migrate", database=ALIAS, verbosity=0, interactive=False)
    if aside is not None:
        log.warning("%s was damaged: set aside as %s, made anew; live updates go on", path.name, aside.name)
    return aside


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """One process at a time; the kernel gives the lock back however its holder ends."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _set_aside(path: Path) -> Path | None:
    if not path.exists():
        return None
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.stem}.damaged-{stamp}{path.suffix}")
    for ending in BESIDE:
        part = path.with_name(path.name + ending)
        if part.exists():
            part.rename(aside.with_name(aside.name + ending))
    return aside
