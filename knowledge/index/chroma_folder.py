"""The data folder of the Chroma that Copydesk starts. It is a cache: a damaged one is moved aside and a new one filled.

Used by the process that runs Chroma (chroma_server.py, without Django) and by what detects damage (sync/recovery.py).
"""

import shutil
import sqlite3
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

KEPT = 2  # damaged folders, to find out later what happened
PATIENCE = 20.0  # seconds to check a large index; after that it counts as intact
MARK = ".damaged-"


def folder_in(var: Path) -> Path:
    return var / "chroma"


def request_in(var: Path) -> Path:
    """While this file exists, the process that runs Chroma starts over with a new folder."""
    return var / "chroma.start-over"


def problem_with(folder: Path) -> str:
    """Why Chroma cannot use the folder; "" if it can, or if there is no folder yet."""
    if not folder.exists():
        return ""
    if not folder.is_dir():
        return "it is not a folder"
    database = folder / "chroma.sqlite3"
    if not database.exists() or not database.stat().st_size:
        return "its database is empty" if any(folder.iterdir()) else ""
    return _problem_with_database(database)


def _problem_with_database(database: Path) -> str:
    end = time.monotonic() + PATIENCE
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=2)) as connection:
            connection.set_progress_handler(lambda: time.monotonic() > end, 100_000)
            answer = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        # Locked, or too large to check in time: no sign of damage.
        return "" if error.sqlite_errorname in {"SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_INTERRUPT"} else str(error)
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if answer == ("ok",) else "its database is damaged"


def set_aside(folder: Path, now: datetime) -> Path:
    """Rename the folder, and delete the oldest of those renamed before."""
    aside = folder.with_name(f"{folder.name}{MARK}{now:%Y%m%d-%H%M%S}")
    while aside.exists():
        aside = aside.with_name(aside.name + "x")
    folder.rename(aside)
    for old in set_aside_before(folder)[:-KEPT]:
        shutil.rmtree(old, ignore_errors=True)
        old.unlink(missing_ok=True) if old.is_file() else None
    return aside


def set_aside_before(folder: Path) -> list[Path]:
    """Oldest first."""
    return sorted(folder.parent.glob(f"{folder.name}{MARK}*"))
