"""The whole of Copydesk as real processes on free ports, each of which a test may kill and start again."""

import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from config.running.processes import read_procfile
from tests.databases.copies import environment, installation
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
PROCFILE = (ROOT / "Procfile").read_text(encoding="utf-8")
STAND_IN = Path(__file__).with_name("model_server.py")
PASSWORD = "copydesk-tests"  # noqa: S105


# Answers one expression per line; polling with a fresh process each time would starve the model.
ASKER = """
import json, sys
from datetime import timedelta
import django
django.setup()
from django.db import close_old_connections, models
from django.utils import timezone
from config.models import Heartbeat
from config.running import doctor
from copilot.models import *
from knowledge.models import *
from tickets.mail import intake
from tickets.models import *
def alive(lane, leader):
    # Whether a process of this group takes jobs of the lane.
    import os
    def ours(holder):
        try:
            return os.getpgid(int(holder.rpartition(":")[2])) == leader
        except ProcessLookupError:
            return False
    return any(ours(holder) for holder in Heartbeat.objects.filter(lane=lane).values_list("holder", flat=True))
"""
ANSWER = """
for line in sys.stdin:
    try:
        answer = {"value": eval(line)}
    except Exception as error:
        answer = {"error": repr(error)}
    print(json.dumps(answer, default=str), flush=True)
    close_old_connections()
"""


# For a stack that searches, but needs no downloaded files and no time to compute vectors.
FAKE_EMBEDDER = {"EMBEDDING_MODEL": "fake", "RERANK_MODEL": "", "RETRIEVAL_MIN_SCORE": "0.1"}
SLOW_LANE = 240  # seconds that a job may wait there, because the first classifier is being trained at low priority
SCHEDULES = "from config.background import schedules; schedules.register()\n"


@cache
def prepared() -> Path:
    """An empty installation's VAR_DIR of this process's own, to be copied: the shared one may be replaced any time."""
    folder = Path(tempfile.mkdtemp(prefix="copydesk-prepared-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with installation() as kept:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
    return folder


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Stack:
    """`start` and `kill` by the Procfile's names: web, worker, slow, drafter, model, chroma."""

    def __init__(self, var: Path, **extra: str) -> None:
        self.var = var
        self.ports = {name: free_port() for name in ("web", "model", "chroma")}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.wanted: list[str] = []  # what has been started, whether it was killed since or not
        self.asker: subprocess.Popen[str] | None = None
        self.sessions: dict[str, list[Any]] = {}  # the cookies of members who have signed in
        self.asker_code = ASKER  # a benchmark adds questions of its own
        self.env = environment(var) | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PORT": str(self.ports["web"]),
            "LLM_PORT": str(self.ports["model"]),
            "CHROMA_HOST": "127.0.0.1",
            "CHROMA_PORT": str(self.ports["chroma"]),
            "UNDO_SEND_SECONDS": "1",
            "LOG_LEVEL": "INFO",
            **extra,
        }
        self.commands = read_procfile(PROCFILE)
        self.hold = var / "hold-model"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['web']}"

    def use_model(self, how: str) -> None:
        """The next start of `model` is our own process ("real") or a stand-in that costs no time (model_server.py).

        "quick": it answers at once, and `held_drafts` and `held_texts` keep it from finishing.
        """
        self.hold.mkdir(exist_ok=True)
        stand_in = f"python {STAND_IN} {self.ports['model']} {self.hold if how == 'quick' else how}"
        self.commands["model"] = read_procfile(PROCFILE)["model"] if how == "real" else stand_in

    def prepare(self, code: str = "") -> None:
        """An empty installation; then `code` runs in it."""
        shutil.copytree(prepared(), self.var, dirs_exist_ok=True)
        if code:
            self.code(code)

    # --- processes ------------------------------------------------------------------

    def manage(self, *arguments: str, stdin: bytes | None = None) -> bytes:
        done = subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.env,
            input=stdin,
            capture_output=True,
            timeout=180,
        )
        assert done.returncode == 0, done.stderr.decode()[-3000:]
        return done.stdout

    def code(self, text: str) -> str:
        """What `text` prints, run as a script among the models."""
        return self.manage("shell", "--no-imports", "-c", text).decode()

    def start(self, *names: str) -> None:
        """Start them and wait until each is ready."""
        self.launch(*names)
        for name in names:
            wait_until(lambda name=name: self.healthy(name), timeout=120, every=0.1)  # type: ignore[misc]

    def launch(self, *names: str) -> None:
        """Start them without waiting: on a fast machine the work may be done before a check sees them ready."""
        for name in names:
            self.wanted += [] if name in self.wanted else [name]
            log = (self.var / f"{name}.log").open("ab")
            self.running[name] = subprocess.Popen(  # noqa: S602
                f"exec {self.commands[name]}",
                shell=True,
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def kill(self, *names: str, with_signal: int = signal.SIGKILL) -> None:
        """Kill the process and its children at once, as a power cut would."""
        for name in names:
            process = self.running.pop(name)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, with_signal)
            process.wait(timeout=20)

    def stop(self) -> None:
        self.kill(*list(self.running))
        if self.asker is not None:
            self.asker.kill()

    def start_missing(self) -> None:
        """What an earlier test killed runs again."""
        self.start(*[name for name in self.wanted if name not in self.running])

    def healthy(self, name: str) -> bool:
        process = self.running[name]
        assert process.poll() is None, f"{name} died:\n{self.log(name)[-3000:]}"
        addresses = {
            "web": f"{self.url}/health",
            "model": f"http://127.0.0.1:{self.ports['model']}/health",
            "chroma": f"http://127.0.0.1:{self.ports['chroma']}/api/v2/heartbeat",
        }
        if name in {"worker", "slow", "drafter"}:
            # It has reported since it was started; a report of the killed process may still be there.
            return bool(self.ask(f"alive({name!r}, {process.pid})"))
        with suppress(httpx.HTTPError):
            return httpx.get(addresses[name], timeout=2, trust_env=False).status_code == 200
        return False

    def log(self, name: str) -> str:
        path = self.var / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""

    # --- what happens outside ------------------------------------------------------

    def receive(self, raw: str) -> dict[str, Any]:
        """A mail arrives. What `manage.py receive_mail` does, without two seconds of CPU for a new process."""
        answer: dict[str, Any] = self.ask(f"intake.receive({raw.encode()!r}).as_json()")
        return answer

    @contextmanager
    def held_drafts(self) -> Iterator[None]:
        """Inside, the stand-in does not say which lines answer, so each draft has only what the sources say."""
        (self.hold / "silent").touch()
        try:
            yield
        finally:
            (self.hold / "silent").unlink()

    @contextmanager
    def held_texts(self) -> Iterator[None]:
        """Inside, the stand-in stops in the middle of each translated line, not of the translated question."""
        (self.hold / "halfway").touch()
        try:
            yield
        finally:
            (self.hold / "halfway").unlink()

    def a_minute_passes(self, ticket: int = 0, lane: str = "") -> None:
        """For what a killed process left behind: drafts of this ticket, their leases and pauses; a lane's heartbeat."""
        earlier = "models.F({!r}) - timedelta(minutes=1)".format
        times = ", ".join(f"{name}={earlier(name)}" for name in ("created_at", "lease_until", "retry_at"))
        self.ask(f"Draft.objects.filter(ticket={ticket}).update({times})")
        self.ask(f"Heartbeat.objects.filter(lane={lane!r}).update(at={earlier('at')})")

    def sent_mails(self) -> list[Path]:
        return sorted((self.var / "mail" / "out").glob("*.eml"))

    def ask(self, expression: str) -> Any:
        """The JSON value of a Python expression over the models, evaluated in a process of its own."""
        if self.asker is None:
            self.asker = subprocess.Popen(
                [sys.executable, "-c", self.asker_code + ANSWER],
                cwd=ROOT,
                env=self.env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self.asker.stdin is not None
        assert self.asker.stdout is not None
        self.asker.stdin.write(expression + "\n")
        self.asker.stdin.flush()
        answer = json.loads(self.asker.stdout.readline())
        assert "error" not in answer, answer
        return answer["value"]

    def wait_for(self, expression: str, timeout: float = 120) -> Any:
        """The first truthy value of the expression. Asked often, because a state may be short."""
        return wait_until(lambda: self.ask(expression), timeout=timeout, every=0.05)


# Subject and text of a customer to whom an English article has to be translated. It quotes the article: the embedder
# for English does not understand the rest.
IN_GERMAN = (
    "Pending authorisation on the card",
    "Wie lange bleibt „pending authorisation“ auf meiner Karte stehen?",
)


def mail(subject: str, text: str, sender: str = "Tomas Okafor <tomas@okafor.example>", message_id: str = "") -> str:
    file = os.environ.get("PYTEST_CURRENT_TEST", "").partition("::")[0]  # files share the stack, and no tickets
    identity = message_id or f"{abs(hash((file, subject, text)))}@okafor.example"
    return (
        f"From: {sender}\r\nTo: support@tallybird.example\r\nSubject: {subject}\r\nMessage-ID: <{identity}>\r\n"
        f"Date: Fri, 20 Nov 2026 09:12:00 +0000\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
