"""Runs the processes of a Procfile: starts them, waits until each is healthy, and restarts those that die.

Each process leads a process group, so that its children end with it, and gets SIGTERM from the kernel if this runner is
killed. Output goes to the terminal with a prefix, and to a rotated file.
"""

import asyncio
import ctypes
import logging
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path

GRACE = 8.0  # seconds between SIGTERM and SIGKILL
LAST_OUTPUT = 3.0  # seconds for the last output of an ended process
STEADY = 60.0  # seconds; a process that ran longer starts again without a growing pause
LONGEST_PAUSE = 30.0
PR_SET_PDEATHSIG = 1
COLOURS = {"web": 36, "worker": 33, "slow": 33, "drafter": 34, "model": 35, "chroma": 32}

Health = Callable[[float], Awaitable[bool]]  # asked with the seconds since the process was started
Say = Callable[[str, str], None]
HEALTH: dict[str, Health] = {}


def health_check(name: str) -> Callable[[Health], Health]:
    """Registers how to find out that the process of this name is ready. Apps do this in their module `probes`."""

    def add(function: Health) -> Health:
        HEALTH[name] = function
        return function

    return add


class BadProcfile(ValueError):
    """A line of the Procfile is not `name: command`."""


@dataclass(frozen=True)
class Program:
    """One line of the Procfile, with its health check and how long that may take."""

    name: str
    command: str
    healthy: Health | None = None
    patience: float = 120.0
    loud: bool = True  # False: output only goes to the log file


@dataclass
class Running:
    """The current state of one program."""

    program: Program
    process: asyncio.subprocess.Process | None = None
    deaths: int = 0
    started: float = 0.0
    ready: asyncio.Event = field(default_factory=asyncio.Event)


def read_procfile(text: str) -> dict[str, str]:
    """`name: command` per line, in order; empty lines and `#` comments are skipped."""
    commands: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = re.fullmatch(r"([A-Za-z0-9_-]+):\s*(\S.*)", line.strip())
        if found is None:
            raise BadProcfile(f"Procfile line {number} is not `name: command`: {line.strip()[:60]}")
        commands[found[1]] = found[2]
    return commands


def port_is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def pause_after(deaths: int) -> float:
    """Seconds to wait before the next start: 1, 2, 4, … 30."""
    return min(LONGEST_PAUSE, 2.0 ** (deaths - 1))


class Runner:
    """`await start()`, then `await ready(name)`, and at the end `await stop()`."""

    def __init__(
        self, programs: list[Program], env: Mapping[str, str], cwd: Path, logs: Path, say: Say, echo: bool = True
    ) -> None:
        self.running = {program.name: Running(program) for program in programs}
        self.env, self.cwd, self.logs, self.say, self.echo = dict(env), cwd, logs, say, echo
        self.stopping = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        self.files: dict[str, logging.Logger] = {}

    async def start(self) -> None:
        """Start a process for every program. `ready` waits until one is healthy."""
        self.logs.mkdir(parents=True, exist_ok=True)
        for running in self.running.values():
            await self._begin(running)
        self.tasks = [asyncio.create_task(self._keep_alive(running)) for running in self.running.values()]

    async def ready(self, name: str) -> float | None:
        """Seconds until this program was healthy, or None if it took too long."""
        begun, running = time.monotonic(), self.running[name]
        try:
            await asyncio.wait_for(running.ready.wait(), running.program.patience)
        except TimeoutError:
            self.say(name, f"is not ready after {running.program.patience:.0f} s. {self._where(running)}")
            return None
        return time.monotonic() - begun

    async def stop(self) -> None:
        """Ask every program to stop. After the grace period kill it and its children."""
        self.stopping.set()
        processes = [running.process for running in self.running.values() if running.process is not None]
        for process in processes:
            if process.returncode is None:
                process.terminate()
        await asyncio.gather(*(self._end(process) for process in processes))
        await asyncio.wait(self.tasks, timeout=LAST_OUTPUT)
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        for log in self.files.values():
            for handler in log.handlers[:]:
                log.removeHandler(handler)
                handler.close()

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(_exit_of(process), GRACE)
        _kill_group(process.pid)
        await _exit_of(process)

    async def _keep_alive(self, running: Running) -> None:
        while running.process is not None:
            watch = asyncio.create_task(self._watch_health(running))
            copy = asyncio.create_task(self._copy_output(running))
            status = await _exit_of(running.process)
            watch.cancel()
            running.ready.clear()
            _kill_group(running.process.pid)  # its children must not interfere with the next process
            await copy
            if self.stopping.is_set():
                return
            running.deaths = 1 if time.monotonic() - running.started > STEADY else running.deaths + 1
            pause = pause_after(running.deaths)
            self.say(
                running.program.name,
                f"{_how_it_ended(status)}; starting it again in {pause:.0f} s. {self._where(running)}",
            )
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stopping.wait(), pause)
                return
            await self._begin(running)
            if self.stopping.is_set():  # `stop` had listed the processes before this one started
                running.process.terminate()

    async def _begin(self, running: Running) -> None:
        running.process = await self._spawn(running.program)
        running.started = time.monotonic()

    async def _spawn(self, program: Program) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            f"exec {program.command}",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self.env,
            cwd=self.cwd,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )

    async def _watch_health(self, running: Running) -> None:
        healthy = running.program.healthy
        while healthy is not None and not await healthy(time.monotonic() - running.started):  # noqa: ASYNC110 - it asks another process
            await asyncio.sleep(0.2)
        running.ready.set()
        if running.deaths:
            self.say(running.program.name, "is back.")

    async def _copy_output(self, running: Running) -> None:
        name = running.program.name
        assert running.process is not None and running.process.stdout is not None
        log = self._file(name)
        while True:
            try:
                line = await running.process.stdout.readline()
            except ValueError:  # a line longer than the buffer is dropped
                continue
            if not line:
                return
            text = line.decode(errors="replace").rstrip()
            log.info(text)
            if self.echo and running.program.loud and text:
                print(prefixed(name, text), flush=True)

    def _file(self, name: str) -> logging.Logger:
        if name not in self.files:
            log = logging.Logger(f"process.{name}")
            handler = RotatingFileHandler(
                self.logs / f"{name}.log", maxBytes=5_000_000, backupCount=3, encoding="utf-8"
            )
            log.addHandler(handler)
            self.files[name] = log
        return self.files[name]

    def _where(self, running: Running) -> str:
        return f"See {self.logs / running.program.name}.log"


def prefixed(name: str, text: str) -> str:
    label = f"{name:<8}│"
    if sys.stdout.isatty():
        label = f"\033[{COLOURS.get(name, 37)}m{label}\033[0m"
    return f"{label} {text}"


async def _exit_of(process: asyncio.subprocess.Process) -> int:
    """The exit status as soon as the process is gone. `wait()` may wait for children that keep its output open."""
    while process.returncode is None:  # noqa: ASYNC110 - set by the event loop's child watcher
        await asyncio.sleep(0.05)
    return process.returncode


def _how_it_ended(status: int) -> str:
    if status >= 0:
        return f"stopped with exit status {status}"
    return f"was killed by {signal.Signals(-status).name}"


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def _die_with_parent() -> None:
    """In the child, before exec: the kernel sends SIGTERM when the runner dies for any reason (Linux)."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


LIBC = ctypes.CDLL(None)
