"""Several processes on one database file: one ticket per mail, one mail per reply, whichever process dies."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tickets.mails import raw
from tests.waiting import wait_until

# Real processes on a database of their own each: they take no part in the second run on PostgreSQL.
pytestmark = pytest.mark.services

ROOT = Path(__file__).resolve().parents[3]
SET_UP = """
import json, os, sys, time
from pathlib import Path
import django
django.setup()
from django.conf import settings
settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
from tickets import delivery, tasks
from tickets.mail import intake
from django.utils import timezone
from tickets.models import *
here = Path(os.environ["VAR_DIR"])
def transmit(mail):
    with (here / "sent").open("a") as file:
        file.write("x")
    while (here / "hang").exists():
        time.sleep(0.01)
delivery.transmit = transmit
"""


class Place:
    """A scratch VAR_DIR with its own database file, and Python processes that work in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = os.environ | {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "tests.settings"}
        self.run("from django.core.management import call_command; call_command('migrate', verbosity=0)")

    def start(self, code: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-c", SET_UP + code]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def run(self, code: str) -> str:
        return self.finish(self.start(code))

    def finish(self, process: "subprocess.Popen[str]") -> str:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
        return out.strip()

    def sent(self) -> str:
        file = self.folder / "sent"
        return file.read_text() if file.exists() else ""

    def write_reply(self) -> int:
        return int(
            self.run(
                "from tests import cast; from tickets import outbox\n"
                "print(outbox.write_reply(cast.new_ticket(), cast.mira(), 'Hi', submission=None).outgoing.pk)"
            )
        )

    def go_together(self, code: str, count: int) -> list[str]:
        """Start all processes, wait until each is ready, then let them go at once."""
        wait = f"(here / f'ready{{os.getpid()}}').touch()\nwhile not (here / 'go').exists(): time.sleep(0.001)\n{code}"
        processes = [self.start(wait) for _ in range(count)]
        wait_until(lambda: len(list(self.folder.glob("ready*"))) == count, 120)
        (self.folder / "go").touch()
        return [self.finish(process) for process in processes]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_one_mail_to_four_processes_is_one_ticket(place: Place) -> None:
    (place.folder / "raw").write_bytes(raw())
    answers = place.go_together("print(intake.receive((here / 'raw').read_bytes()).action)", 4)
    assert sorted(answers) == ["created", "duplicate", "duplicate", "duplicate"]
    counts = "print(json.dumps([m.objects.count() for m in (Ticket, Message, Customer, InboundMail)]))"
    assert json.loads(place.run(counts)) == [1, 1, 1, 1]


def test_one_reply_with_four_workers_is_sent_once(place: Place) -> None:
    outgoing = place.write_reply()
    place.go_together(f"print(tasks.send_reply({outgoing}))", 4)
    assert place.sent() == "x"
    assert place.run("print(OutgoingMail.objects.get().state)") == "sent"


def test_a_worker_killed_after_mailing_is_never_repeated(place: Place) -> None:
    outgoing = place.write_reply()
    (place.folder / "hang").touch()
    worker = place.start(f"tasks.send_reply({outgoing})")
    wait_until(lambda: place.sent() == "x", 60)
    worker.send_signal(signal.SIGKILL)
    worker.wait(20)
    (place.folder / "hang").unlink()
    later = "from datetime import timedelta\nago = timezone.now() - timedelta(minutes=3)\n"
    later += "OutgoingMail.objects.update(claimed_at=ago)\n"
    again = f"print(tasks.send_reply({outgoing}))\n"
    assert place.run(again) == "sending"
    assert json.loads(place.run(f"{later}print(json.dumps(tasks.send_due_mail()))")) == {"tried": 0, "uncertain": 1}
    assert place.run(again) == "uncertain"
    assert place.sent() == "x"
    person = (
        "from tests import cast\nrow = OutgoingMail.objects.get()\nprint(delivery.resolve(row, 'again', cast.mira()))\n"
    )
    assert place.run(person) == "True" and place.run(again) == "sent"
    assert place.sent() == "xx"
