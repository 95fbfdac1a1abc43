"""`with_services.py COMMAND…` runs a command with DATABASE_URL and REDIS_URL of a private PostgreSQL and Redis.

They listen on free ports of loopback, use temporary folders, and are removed afterwards. Prints nothing on success.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PATIENCE = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
    except OSError:
        return False
    return True


def wait_for(ready: Callable[[], bool], server: subprocess.Popen[bytes], name: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        if ready():
            return
        time.sleep(0.05)
    sys.exit(f"{name} did not start:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def running(command: list[str | Path], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as sink:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, cwd="/")
    try:
        yield server
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    if not found:
        sys.exit("PostgreSQL is not installed; on Debian: apt-get install postgresql")
    programs, data, port = found[-1].parent, folder / "data", free_port()
    as_user = _as_postgres(folder)
    made = subprocess.run(
        [*as_user, programs / "initdb", "-D", data, "-U", "copydesk", "-A", "trust", "-E", "UTF8", "--no-sync"],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    if made.returncode:
        sys.exit(f"initdb failed:\n{made.stderr}")
    options = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "port": str(port),
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    }
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    log = folder / "postgresql.log"
    with running([*as_user, programs / "postgres", "-D", data, *words], log) as server:
        ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        wait_for(lambda: subprocess.run(ready, check=False).returncode == 0, server, "PostgreSQL", log)
        yield f"postgres://copydesk@127.0.0.1:{port}/postgres"


def _as_postgres(folder: Path) -> list[str]:
    """PostgreSQL refuses to run as root; Debian's package adds a user for it."""
    if os.geteuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        sys.exit("Redis is not installed; on Debian: apt-get install redis-server")
    port, log = free_port(), folder / "redis.log"
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with running([program, *options], log) as server:
        wait_for(lambda: answers(port), server, "Redis", log)
        yield f"redis://127.0.0.1:{port}/0"


def main() -> int:
    with ExitStack() as stack:
        folders = [
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="copydesk-services-"))) for _ in range(2)
        ]
        urls = {
            "DATABASE_URL": stack.enter_context(postgresql(folders[0])),
            "REDIS_URL": stack.enter_context(redis(folders[1])),
            "COPYDESK_PRIVATE_SERVER": "yes",  # tests/databases/copies.py may leave a template there
        }
        return subprocess.run(sys.argv[1:], env={**os.environ, **urls}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
