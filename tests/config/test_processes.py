"""The process runner, with tiny programs instead of the real ones."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.running import start
from config.running.processes import BadProcfile, Program, Runner, pause_after, port_is_free, read_procfile
from tests.waiting import wait_until

PYTHON = sys.executable
FOREVER = f"{PYTHON} -c 'import time; print(\"up\", flush=True); time.sleep(600)'"


@pytest.fixture
def said() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def make_runner(tmp_path: Path, said: list[tuple[str, str]]) -> Callable[..., Runner]:
    def make(*programs: Program) -> Runner:
        return Runner(
            list(programs), os.environ, tmp_path, tmp_path / "log", lambda *message: said.append(message), echo=False
        )

    return make


def alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


async def until(fn: Callable[[], Any], patience: float = 60) -> Any:
    return await asyncio.to_thread(wait_until, fn, patience)


def test_a_procfile_is_read_in_order() -> None:
    assert read_procfile("# all\nweb: daphne -p $PORT\n\nworker:  python manage.py qcluster\n") == {
        "web": "daphne -p $PORT",
        "worker": "python manage.py qcluster",
    }


def test_a_bad_line_is_named() -> None:
    with pytest.raises(BadProcfile, match="line 2"):
        read_procfile("web: x\njust words\n")


def test_pauses_grow_and_end() -> None:
    assert [pause_after(deaths) for deaths in (1, 2, 3, 9)] == [1, 2, 4, 30]


async def test_stop_ends_every_process_and_its_children(make_runner: Callable[..., Runner], tmp_path: Path) -> None:
    child = tmp_path / "child"
    forker = Program("forker", f"sh -c 'sleep 600 & echo $! > {child}; wait'")
    runner = make_runner(Program("one", FOREVER), forker)
    await runner.start()
    grandchild = int(await until(lambda: child.exists() and child.read_text().strip()))
    leader = runner.running["one"].process
    assert leader is not None and alive(grandchild)
    await runner.stop()
    assert leader.returncode is not None
    await until(lambda: not alive(grandchild))


async def test_a_dead_process_is_restarted_with_a_message(
    make_runner: Callable[..., Runner], said: list[tuple[str, str]]
) -> None:
    runner = make_runner(Program("one", FOREVER))
    await runner.start()
    await runner.ready("one")
    first = runner.running["one"].process
    assert first is not None
    first.kill()
    await until(lambda: runner.running["one"].process is not first)
    await until(lambda: any(text == "is back." for _, text in said))
    assert "was killed by SIGKILL; starting it again in 1 s" in said[0][1]
    await runner.stop()


async def test_children_of_a_dead_process_end_before_it_is_restarted(
    make_runner: Callable[..., Runner], tmp_path: Path, said: list[tuple[str, str]]
) -> None:
    child = tmp_path / "child"
    runner = make_runner(Program("forker", f"sh -c 'sleep 600 & echo $! > {child}; wait'"))
    await runner.start()
    orphan = int(await until(lambda: child.exists() and child.read_text().strip()))
    leader = runner.running["forker"].process
    assert leader is not None
    leader.kill()
    await until(lambda: not alive(orphan) and said)
    await runner.stop()


async def test_ready_waits_for_health(make_runner: Callable[..., Runner], tmp_path: Path) -> None:
    sign = tmp_path / "healthy"

    async def healthy(age: float) -> bool:
        return sign.exists()

    runner = make_runner(Program("slow", f"sh -c 'touch {sign}; sleep 600'", healthy))
    await runner.start()
    assert await runner.ready("slow") is not None
    await runner.stop()


async def test_a_program_that_is_never_healthy_is_named(
    make_runner: Callable[..., Runner], said: list[tuple[str, str]]
) -> None:
    async def never(age: float) -> bool:
        return False

    runner = make_runner(Program("sick", FOREVER, never, patience=0.3))
    await runner.start()
    assert await runner.ready("sick") is None
    assert said[0][0] == "sick" and "not ready" in said[0][1]
    await runner.stop()


async def test_output_is_kept(make_runner: Callable[..., Runner], tmp_path: Path) -> None:
    runner = make_runner(Program("one", FOREVER))
    await runner.start()
    log = tmp_path / "log" / "one.log"
    await until(lambda: log.exists() and "up" in log.read_text())
    await runner.stop()


def test_children_die_with_a_runner_that_was_killed(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    script = (
        "import asyncio, os\nfrom pathlib import Path\nfrom config.running.processes import Program, Runner\n"
        f"runner = Runner([Program('one', \"sh -c 'echo $$ > {pid}; exec sleep 600'\")], os.environ, "
        f"Path('{tmp_path}'), Path('{tmp_path}/log'), print, echo=False)\n"
        "async def main():\n    await runner.start()\n    await asyncio.sleep(600)\nasyncio.run(main())\n"
    )
    with subprocess.Popen([PYTHON, "-c", script]) as parent:
        child = int(wait_until(lambda: pid.exists() and pid.read_text().strip(), 120))
        parent.send_signal(signal.SIGKILL)
    wait_until(lambda: not alive(child))


def test_a_taken_port_is_refused_with_a_solution(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert not port_is_free("127.0.0.1", port)
        settings.PORT = port
        monkeypatch.setattr(start, "PORT_PATIENCE", 0.0)
        with pytest.raises(start.CannotStart, match=f"uses port {port}.*PORT={port + 10} make run"):
            start.refuse_taken_ports({"web"})


def test_a_second_start_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "up.lock"
    again = pytest.raises(start.CannotStart, match=f"already running \\(process {os.getpid()}\\)")
    with start.only_one(lock), again, start.only_one(lock):
        raise AssertionError("two at once")
    with start.only_one(lock):
        assert lock.read_text() == str(os.getpid())


def test_the_procfile_gets_the_address_of_the_settings(settings: Any) -> None:
    settings.HOST, settings.PORT = "0.0.0.0", 8610
    assert start.child_env() == start.child_env() | {"HOST": "0.0.0.0", "PORT": "8610"}


def test_processes_on_other_machines_are_not_started(settings: Any) -> None:
    settings.CHROMA_EMBEDDED = settings.LLM_EMBEDDED = False
    assert [program.name for program in start.programs(settings.BASE_DIR)] == ["web", "worker", "slow", "drafter"]
