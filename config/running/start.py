"""What `manage.py up` does before it runs the processes: prepare the data, check ports, read the Procfile."""

import fcntl
import hashlib
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import django
import httpx
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, OutputWrapper
from django.utils.module_loading import autodiscover_modules

from config.background import lanes
from config.channels import store
from config.running import processes
from config.running.processes import Health, Program
from config.web import static_files

PORT_PATIENCE = 4.0  # seconds that a killed process may need to free its port


class CannotStart(RuntimeError):
    """Copydesk was not started. The message says what to do."""


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Lock the file while this process lives. The kernel unlocks it, however the process ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            lock.seek(0)
            raise CannotStart(
                f"Copydesk is already running (process {lock.read().strip() or 'unknown'}). Stop it first."
            ) from taken
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def timed(out: OutputWrapper, name: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    out.write(f"  {name:<28} {time.monotonic() - begun:5.1f} s\n")
    out.flush()


def prepare(out: OutputWrapper) -> None:
    """Everything that the processes need. Repeated steps do little."""
    with timed(out, "database"):
        call_command("migrate", verbosity=0, interactive=False)
        store.replace_if_damaged(Path(str(settings.DATABASES[store.ALIAS]["NAME"])))
        store.migrate()
    with timed(out, "static files"):
        _collect_static()
    with timed(out, "models"):
        _fetch_models(out)
    if settings.DEMO:
        with timed(out, "demo data"):
            call_command("seed_demo", embed=True, stdout=out)
    with timed(out, "schedules"):
        from config.background import schedules

        schedules.register()


def _collect_static() -> None:
    """Skipped while no file has changed, because compressing takes a second."""
    stamp = settings.VAR_DIR / "static.stamp"
    now = _static_digest()
    if settings.STATIC_ROOT.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == now:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(now, encoding="utf-8")


def _static_digest() -> str:
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256(django.__version__.encode() + Path(static_files.__file__).read_bytes())
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _fetch_models(out: OutputWrapper) -> None:
    """Without models the desk works, but no drafts are written."""
    try:
        call_command("fetch_models", stderr=sys.stderr)
    except CommandError as error:
        out.write(
            f"  ! The models could not be downloaded: {error}\n    The desk works without them, but writes no drafts.\n"
        )


def programs(root: Path) -> list[Program]:
    """The lines of the Procfile, except processes that run on another machine."""
    commands = processes.read_procfile((root / "Procfile").read_text(encoding="utf-8"))
    elsewhere = {
        name
        for name, embedded in (("chroma", settings.CHROMA_EMBEDDED), ("model", settings.LLM_EMBEDDED))
        if not embedded
    }
    known = health_checks()
    return [
        Program(name, command, known.get(name), patience=180.0 if name == "model" else 90.0, loud=name != "chroma")
        for name, command in commands.items()
        if name not in elsewhere
    ]


def health_checks() -> dict[str, Health]:
    autodiscover_modules("probes")
    return {
        **processes.HEALTH,
        "web": lambda age: _answers(f"http://127.0.0.1:{web_port()}/health", host=_public_host()),
        "chroma": lambda age: _answers(f"{settings.CHROMA_URL.rstrip('/')}/api/v2/heartbeat"),
        **{name: partial(sync_to_async(_lane_is_alive), name) for name in lanes.LATE_AFTER},
    }


def _lane_is_alive(name: str, age: float) -> bool:
    """Whether there is a heartbeat since the process started. One of the process before it does not count."""
    return lanes.alive(name, timedelta(seconds=age)) > 0


async def _answers(url: str, host: str = "") -> bool:
    try:
        async with httpx.AsyncClient(timeout=2, trust_env=False, verify=False) as client:  # noqa: S501 - loopback, no TLS
            return (await client.get(url, headers={"Host": host} if host else {})).status_code == 200
    except httpx.HTTPError:
        return False


def web_host() -> str:
    return str(settings.HOST)


def web_port() -> int:
    return int(settings.PORT)


def _public_host() -> str:
    """A name that ALLOWED_HOSTS accepts."""
    first = (settings.ALLOWED_HOSTS or ["127.0.0.1"])[0]
    return "127.0.0.1" if first == "*" else first.lstrip(".")


def refuse_taken_ports(names: set[str]) -> None:
    """Raise CannotStart if a port is taken. A killed process may need a moment to free its port."""
    ports = {"web": (web_host(), web_port(), "PORT")}
    for name, url in (("model", settings.LLM_BASE_URL), ("chroma", settings.CHROMA_URL)):
        parts = urlsplit(url)
        ports[name] = (
            parts.hostname or "127.0.0.1",
            parts.port or 80,
            f"{'LLM' if name == 'model' else 'CHROMA'}_PORT",
        )
    end = time.monotonic() + PORT_PATIENCE
    for name, (host, port, setting) in ports.items():
        while name in names and not processes.port_is_free(host, port):
            if time.monotonic() > end:
                raise CannotStart(
                    f"Another program uses port {port}, which {name} needs. "
                    f"Stop that program, or choose another port: {setting}={port + 10} make run"
                )
            time.sleep(0.1)


def child_env() -> dict[str, str]:
    """The environment of the processes: settings for the `$NAME`s in the Procfile, and this Python as `python`."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONUNBUFFERED": "1",
        "ANONYMIZED_TELEMETRY": "False",
        "HF_HUB_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "VAR_DIR": str(settings.VAR_DIR),
        "HOST": web_host(),
        "PORT": str(web_port()),
        "CHROMA_HOST": str(settings.CHROMA_HOST),
        "CHROMA_PORT": str(settings.CHROMA_PORT),
        "RUST_LOG": os.environ.get("RUST_LOG", "warn"),
    }
