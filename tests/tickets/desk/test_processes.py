"""Several processes on one database file: one ticket per mail, one mail per reply, whichever process dies."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.stack import prepared
from tests.tickets.mails import raw
from tests.waiting import wait_until

# Real processes on a database of their own each: they take no part in the second run on PostgreSQL.
pytestmark = pytest.mark.services

ROOT = Path(__file__).resolve().parents[3]
SET_UP = """
import json, multiprocessing, os, sys, time
from pathlib import Path
import django
django.setup()
from django.conf import settings
from django.db import connections
settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
from tickets import delivery, tasks
from tickets.mail import intake
from django.utils import timezone
from tickets.models import *
from tests import cast
here = Path(os.environ["VAR_DIR"])
def transmit(mail):
    with (here / "sent").open("a") as file:
        file.write("x")
    while (here / "hang").exists():
        time.sleep(0.01)
delivery.transmit = transmit
def go_together(work, rounds=1, count=4):
    # Forked processes wait for each other before each round and then do the same. Returns the answers of each round.
    forking = multiprocessing.get_context("fork")
    barrier, answers = forking.Barrier(count), forking.SimpleQueue()
    def go():
        for number in range(rounds):
            barrier.wait(60)
            answers.put((number, work(number)))
    connections.close_all()
    processes = [forking.Process(target=go) for _ in range(count)]
    for each in processes:
        each.start()
    for each in processes:
        each.join()
    assert all(each.exitcode == 0 for each in processes)
    said = sorted(answers.get() for _ in range(rounds * count))
    return [[answer for number, answer in said if number == wanted] for wanted in range(rounds)]
"""


class Place:
    """A scratch VAR_DIR with its own database file, and Python processes that work in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = os.environ | {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "tests.settings"}
        for file in prepared().glob("copydesk.sqlite3*"):
            shutil.copy(file, folder)

    def start(self, code: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", SET_UP + code]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def run(self, code: str) -> str:
        return self.finish(self.start(code))

    def finish(self, process: "subprocess.Popen[str]") -> str:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        return out.strip()

    def sent(self) -> str:
        file = self.folder / "sent"
        return file.read_text() if file.exists() else ""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_one_mail_to_four_processes_is_one_ticket(place: Place) -> None:
    """Five times, because they read a mail before they race: not each time are they ready at the same moment."""
    for number in range(5):
        (place.folder / f"raw{number}").write_bytes(raw(message_id=f"<{number}@okafor.example>"))
    receive = """
answers = go_together(lambda number: intake.receive((here / f"raw{number}").read_bytes()).action, rounds=5)
print(json.dumps([answers, [m.objects.count() for m in (Ticket, Message, Customer, InboundMail)]]))
"""
    once = ["created", "duplicate", "duplicate", "duplicate"]
    assert json.loads(place.run(receive)) == [[once] * 5, [5, 5, 1, 5]]


WRITE_REPLIES = """
from tickets import outbox
replies = [outbox.write_reply(cast.new_ticket(), cast.mira(), "Hi", submission=None) for _ in range(%s)]
outgoing = [each.outgoing.pk for each in replies]
"""


def test_one_reply_with_four_workers_is_sent_once(place: Place) -> None:
    """Ten times, because not each time do two of them look at the same moment."""
    send = """
go_together(lambda number: tasks.send_reply(outgoing[number]), rounds=10)
print(*OutgoingMail.objects.values_list("state", flat=True))
"""
    assert place.run(WRITE_REPLIES % 10 + send).split() == ["sent"] * 10
    assert place.sent() == "x" * 10


def test_a_worker_killed_after_mailing_is_never_repeated(place: Place) -> None:
    (place.folder / "hang").touch()
    worker = place.start(WRITE_REPLIES % 1 + "tasks.send_reply(outgoing[0])")
    wait_until(lambda: place.sent() == "x", 180)
    worker.send_signal(signal.SIGKILL)
    worker.wait(20)
    (place.folder / "hang").unlink()
    next_worker = """
from datetime import timedelta
row = OutgoingMail.objects.get()
def send():
    return tasks.send_reply(row.pk), (here / "sent").read_text()
seen = [send()]
OutgoingMail.objects.update(claimed_at=timezone.now() - timedelta(minutes=3))
seen += [tasks.send_due_mail(), send()]
row.refresh_from_db()
seen += [delivery.resolve(row, "again", cast.mira()), send()]
print(json.dumps(seen))
"""
    assert json.loads(place.run(next_worker)) == [
        ["sending", "x"],
        {"tried": 0, "uncertain": 1},
        ["uncertain", "x"],
        True,
        ["sent", "xx"],
    ]
