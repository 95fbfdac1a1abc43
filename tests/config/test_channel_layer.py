"""A short-lived event loop, as in jobs and commands, leaves no threads behind after sending."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from aiosqlitepool.exceptions import PoolClosedError
from channels_lite.layers.aio import AIOSQLiteChannelLayer

from config.channels.layer import LiveUpdatesDown, SQLiteChannelLayer

SCRIPT = """
import threading
import time
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
import django
django.setup()
from config.channels import store
store.migrate()
layer = get_channel_layer()
name = async_to_sync(layer.new_channel)()
async_to_sync(layer.group_add)("queue", name)
for number in range(3):
    async_to_sync(layer.group_send)("queue", {"type": "forward", "number": number})
from channels_lite.models import Event
end = time.monotonic() + 10  # a thread that was asked to end takes a moment
while threading.active_count() > 1 and time.monotonic() < end:
    time.sleep(0.01)
print(Event.objects.count(), threading.active_count())
"""


def test_senders_leave_no_threads(tmp_path: Path, settings: Any) -> None:
    env = {**os.environ, "VAR_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tests.settings", "REDIS_URL": ""}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=env, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["3", "1"]


def failing(monkeypatch: pytest.MonkeyPatch, *errors: Exception) -> list[Exception]:
    """Sending fails with these errors, one after the other."""
    left = list(errors)

    async def group_send(self: object, group: str, message: object) -> None:
        if left:
            raise left.pop(0)

    monkeypatch.setattr(AIOSQLiteChannelLayer, "group_send", group_send)
    return left


NO_TABLE = sqlite3.OperationalError("no such table: channels_lite_event")


CLOSED_WHILE_IN_USE = [
    sqlite3.ProgrammingError("Cannot operate on a closed database."),
    ValueError("Connection closed"),
    ValueError("no active connection"),
]


@pytest.mark.parametrize("error", [PoolClosedError("closed"), *CLOSED_WHILE_IN_USE], ids=str)
async def test_sending_waits_out_a_file_that_another_process_is_creating(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    left = failing(monkeypatch, error, NO_TABLE)
    await SQLiteChannelLayer(database="channels").group_send("queue", {"type": "forward"})
    assert left == []


@pytest.mark.parametrize("error", [NO_TABLE, sqlite3.OperationalError("database is locked"), ValueError("too long")])
async def test_sending_gives_up_in_the_end_and_at_once_where_trying_again_is_no_use(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    left = failing(monkeypatch, *[error] * 9)
    with pytest.raises(type(error), match=str(error)):
        await SQLiteChannelLayer(database="channels").group_send("queue", {"type": "forward"})
    assert len(left) == (5 if error is NO_TABLE else 8)


CANNOT_CLEAN = [NO_TABLE, sqlite3.DatabaseError("database disk image is malformed"), LiveUpdatesDown()]


@pytest.mark.parametrize("error", [*CANNOT_CLEAN, *CLOSED_WHILE_IN_USE], ids=repr)
async def test_sockets_get_their_messages_also_where_old_ones_cannot_be_deleted(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    """What polls calls it, and ends at an error."""

    async def clean_expired(self: object) -> None:
        raise error

    monkeypatch.setattr(AIOSQLiteChannelLayer, "clean_expired", clean_expired)
    caplog.set_level("INFO")
    await SQLiteChannelLayer(database="channels").clean_expired()
    assert caplog.messages == [f"old live updates are deleted later: {type(error).__name__}"]
