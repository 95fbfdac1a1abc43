"""The channel layer's file is damaged while Copydesk runs: it is renamed and replaced, and everything else goes on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.channels import store
from tests.browser.stack import prepared

# Real processes with their own file, so they are not part of the second run on PostgreSQL.
pytestmark = pytest.mark.services

ROOT = Path(__file__).resolve().parents[2]
SET_UP = """
import asyncio, os, sys, threading, time
from pathlib import Path
import django
django.setup()
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from tickets import live
file = Path(os.environ["VAR_DIR"]) / "channels.sqlite3"
"""
# Like a socket: joins and waits. After "line.lost" it joins again, until it gets another message.
LISTENER = """
async def main():
    layer = get_channel_layer()
    async def join():
        name = await layer.new_channel()
        await layer.group_add("queue", name)
        print("joined", flush=True)
        return await asyncio.wait_for(layer.receive(name), 240)
    received = ""
    while received != "forward":
        received = (await join())["type"]
        print(received, flush=True)
    await layer.close()
asyncio.run(main())
"""


class Place:
    """A temporary VAR_DIR with tables, whose channel layer can be damaged, and Python processes that use it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "channels.sqlite3"
        outside = {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "tests.settings", "REDIS_URL": ""}
        self.env = {**os.environ, **outside}
        for file in prepared().glob("*.sqlite3*"):
            shutil.copy(file, folder)

    def start(self, code: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", SET_UP + code],
            cwd=ROOT,
            env=self.env,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, code: str) -> str:
        process = self.start(code)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        return out.strip()

    def aside(self) -> list[Path]:
        return sorted(self.file.parent.glob("channels.damaged-*.sqlite3"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def next_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        _, error = process.communicate(timeout=30)
        raise AssertionError(f"it ended with {process.returncode}: {error}")
    return line.strip()


def hears_the_next_news(place: Place, listener: "subprocess.Popen[str]") -> None:
    """Sends a message after each join. "line.lost" may come more than once, but at last a message arrives."""
    assert listener.stdout is not None
    received = []
    for line in listener.stdout:
        received.append(line.strip())
        if received[-1] == "joined":
            place.run('live.send("queue", {"type": "queue.changed"})')
    _, error = listener.communicate(timeout=30)
    assert received[-1:] == ["forward"] and listener.returncode == 0, error


def garbage(file: Path) -> None:
    """Damage as after a full disk or a power cut."""
    file.write_bytes(b"this is no database " * 4000)
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)


def emptied(file: Path) -> None:
    garbage(file)
    file.write_bytes(b"")


def gone(file: Path) -> None:
    garbage(file)
    file.unlink()


@pytest.mark.parametrize("damage", [garbage, emptied, gone])
def test_a_sender_replaces_the_file_and_ends(place: Place, damage: Any) -> None:
    """Once such a command printed its result and never ended, because each try had left a thread behind."""
    damage(place.file)
    sends = """
for _ in range(30):
    live.send("queue", {"type": "queue.changed"})
print(threading.active_count())
"""
    assert int(place.run(sends)) < 6
    assert store.is_intact(place.file)
    assert damage is not garbage or len(place.aside()) == 1


# File systems give a new file the inode of a deleted one, often but not always.
SAME_INODE = """
from config.channels import layer
layer.inode_of = lambda path: 1 if path.exists() else None
"""


@pytest.mark.parametrize(
    ("damage", "inodes"),
    [(garbage, ""), (emptied, ""), (gone, ""), (gone, SAME_INODE)],
    ids=["garbage", "emptied", "gone", "gone, same inode"],
)
def test_a_listener_joins_again_and_gets_the_next_message(place: Place, damage: Any, inodes: str) -> None:
    listener = place.start(inodes + LISTENER)
    assert next_line(listener) == "joined"
    damage(place.file)
    if damage is garbage:
        # The listener may have in its memory all that it reads. Whoever sends the next news replaces the file.
        place.run('live.send("queue", {"type": "queue.changed"})')
    assert next_line(listener) == "line.lost"
    hears_the_next_news(place, listener)


def test_a_file_replaced_by_another_process_is_noticed(place: Place) -> None:
    """The listener can still read its old file; only the name belongs to another file now."""
    listener = place.start(LISTENER)
    assert next_line(listener) == "joined"
    place.run("from config.channels import store; store.is_intact = lambda path: False; store.replace_if_damaged(file)")
    assert next_line(listener) == "line.lost"
    hears_the_next_news(place, listener)


def test_joining_and_leaving_survive_that_another_task_closes_the_connection(place: Place) -> None:
    """A polling task that notices the new file first closes the pool, also under a socket that joins or leaves."""
    joins = """
import aiosqlite
commit = aiosqlite.Connection.commit
async def closed_in_between(connection):
    aiosqlite.Connection.commit = commit
    await layer.close_pool(asyncio.get_running_loop())
    await commit(connection)
async def main():
    aiosqlite.Connection.commit = closed_in_between
    name = await layer.new_channel()
    await layer.group_add("queue", name)
    assert aiosqlite.Connection.commit is commit
    await layer.group_send("queue", {"type": "forward"})
    print((await asyncio.wait_for(layer.receive(name), 240))["type"])
    aiosqlite.Connection.commit = closed_in_between
    await layer.group_discard("queue", name)
    assert aiosqlite.Connection.commit is commit
    from channels_lite.models import GroupMembership
    print(await GroupMembership.objects.acount())
    await layer.close()
layer = get_channel_layer()
asyncio.run(main())
"""
    assert place.run(joins).split() == ["forward", "0"]


def test_without_a_file_the_work_goes_on(place: Place) -> None:
    """A folder in its place stands for a full disk: sending takes almost no time and raises nothing."""
    gone(place.file)
    place.file.mkdir()
    sends = """
from config.channels import store
def full(path):
    raise OSError("no space left")
store.replace_if_damaged = full
begun = time.monotonic()
for _ in range(200):
    live.send("queue", {"type": "queue.changed"})
print(threading.active_count(), time.monotonic() - begun < 20)
"""
    threads, quick = place.run(sends).split()
    assert int(threads) < 6 and quick == "True"


def test_a_file_cut_to_nothing_is_replaced_although_it_can_still_be_used(place: Place) -> None:
    """Who has it open goes on in the write-ahead log. Who opens it next would wait for a lock, and in vain."""
    uses = """
async def main():
    layer = get_channel_layer()
    file.unlink()  # of a file that is made while it is used everything is in its log
    name = await layer.new_channel()
    await layer.group_add("queue", name)
    file.write_bytes(b"")
    await layer.group_send("queue", {"type": "forward"})
    print((await asyncio.wait_for(layer.receive(name), 240))["type"])
    await layer.close()
asyncio.run(main())
"""
    assert place.run(uses) == "line.lost"
    assert store.is_intact(place.file) and len(place.aside()) == 1


def test_without_a_file_a_socket_ends_quietly(place: Place) -> None:
    leaves = """
async def main():
    layer = get_channel_layer()
    name = await layer.new_channel()
    await layer.group_add("queue", name)
    file.unlink()
    file.mkdir()  # stands for a full disk
    await layer.group_discard("queue", name)
    print("left")
asyncio.run(main())
"""
    assert place.run(leaves) == "left"


def test_the_doctor_reports_and_replaces(place: Place) -> None:
    garbage(place.file)
    asks = """
from config.running import doctor
print(doctor.examine("live updates")[0].state, doctor.examine("live updates")[0].state)
"""
    assert place.run(asks) == "degraded ok"


def test_manage_up_replaces_it_and_starts(place: Place) -> None:
    garbage(place.file)
    prepares = """
from config.running import doctor, start
from django.core.management.base import OutputWrapper
start._fetch_models = start._collect_static = lambda *a: None
start.prepare(OutputWrapper(sys.stderr))
print(doctor.examine("migrations")[0].state)
"""
    assert place.run(prepares) == "ok"
    assert store.is_intact(place.file) and len(place.aside()) == 1
