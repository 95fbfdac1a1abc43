"""`python -m knowledge.index.chroma_server`: runs Chroma. A damaged data folder is moved aside first.

The worker may ask for that while Chroma runs (sync/recovery.py), because Chroma's heartbeat works even if it cannot
read its database. No Django here: this process only starts another one.
"""

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

from knowledge.index import chroma_folder

PAUSE = 0.5  # seconds between two checks
GRACE = 5.0  # seconds that Chroma has to end by itself


def main() -> int:
    var = Path(os.environ["VAR_DIR"])
    command = [
        *(sys.executable, "-m", "knowledge.index.chroma_program", "run", "--path", str(chroma_folder.folder_in(var))),
        *("--host", os.environ["CHROMA_HOST"], "--port", os.environ["CHROMA_PORT"]),
    ]
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    while True:
        prepare(var)
        with subprocess.Popen(command) as chroma:  # noqa: S603 - our own command
            try:
                status = _watch(chroma, chroma_folder.request_in(var))
            finally:
                _end(chroma)
        if status is not None:
            return status


def prepare(var: Path) -> None:
    """Make sure that Chroma has a usable folder. Prints a line if it had to start over with a new one."""
    folder, request = chroma_folder.folder_in(var), chroma_folder.request_in(var)
    reason = "Chroma could not read it" if request.exists() else chroma_folder.problem_with(folder)
    if reason and folder.exists():
        aside = chroma_folder.set_aside(folder, datetime.now())  # noqa: DTZ005 - for people at this machine
        print(f"The search index was damaged ({reason}): moved to {aside.name}, a new one is being filled.", flush=True)
    request.unlink(missing_ok=True)


def _watch(chroma: "subprocess.Popen[bytes]", request: Path) -> int | None:
    """Chroma's exit status, or None if it shall start again with a new folder."""
    while True:
        status = chroma.poll()
        if status is not None:
            return status if status >= 0 else 128 - status
        if request.exists():
            return None
        time.sleep(PAUSE)


def _end(chroma: "subprocess.Popen[bytes]") -> None:
    if chroma.poll() is None:
        chroma.terminate()
        try:
            chroma.wait(GRACE)
        except subprocess.TimeoutExpired:
            chroma.kill()


def _stop(number: int, frame: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
