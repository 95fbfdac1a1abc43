"""A desk of its own for a measurement: database, mail, files and vectors in a temporary folder, gone at the end.

The measurement runs in a process of its own whose environment names that folder, so nothing of the desk in use is read
or written. Models come from where they always are, and the model server is the one in use.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from django.conf import settings

from config.running.termination import exits_on_sigterm

HOST = "127.0.0.1"
PATIENCE = 120  # seconds for Chroma to start


class NoDesk(Exception):
    """It could not be made."""


def manage(*arguments: str) -> int:
    """Run `manage.py` with these arguments on a new desk. Returns its exit status. Raises NoDesk."""
    with tempfile.TemporaryDirectory(prefix="copydesk-scratch-") as folder:
        values = environment(Path(folder), _free_port())
        if _manage(("migrate", "--verbosity", "0"), values):
            raise NoDesk("The database could not be made.")
        with exits_on_sigterm(), _chroma(Path(folder), values):
            return _manage(arguments, values)


def environment(folder: Path, port: int) -> dict[str, str]:
    """What names files, databases and addresses; the rest is as for the desk in use. `.env` is read too."""
    return dict(os.environ) | {
        "VAR_DIR": str(folder),
        "MAIL_DIR": str(folder / "mail"),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "EMAIL_URL": "",
        "CHROMA_HOST": HOST,
        "CHROMA_PORT": str(port),
        "CHROMA_URL": f"http://{HOST}:{port}",
        "MODELS_DIR": str(settings.MODELS_DIR),
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "ERROR"),
    }


def _manage(arguments: Sequence[str], values: Mapping[str, str]) -> int:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
    return subprocess.run(command, env=dict(values), check=False).returncode


@contextmanager
def _chroma(folder: Path, values: Mapping[str, str]) -> Iterator[None]:
    place = ("--path", str(folder / "chroma"), "--host", HOST, "--port", values["CHROMA_PORT"])
    command = [sys.executable, "-m", "knowledge.index.chroma_program", "run", *place]
    with subprocess.Popen(command, cwd=settings.BASE_DIR, env=dict(values), stdout=subprocess.DEVNULL) as chroma:
        try:
            _wait_for(f"{values['CHROMA_URL']}/api/v2/heartbeat", chroma)
            yield
        finally:
            chroma.terminate()


def _wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            if httpx.get(address, timeout=2).is_success:
                return
        except httpx.HTTPError:
            time.sleep(0.2)
    raise NoDesk("Chroma did not start.")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        return int(one.getsockname()[1])
