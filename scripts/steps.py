"""Runs the commands of the setup one by one: a line per step with its time, all output in a log file."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

COMPILED = re.compile(r"^\[(\d+)/(\d+)\] ")
LIVE = sys.stdout.isatty()


class StepFailed(RuntimeError):
    """A command of the setup failed. The message says which one, and where its output is."""


def say(text: str) -> None:
    print(f"\r\033[K{text}" if LIVE else text, flush=True)


@contextmanager
def step(name: str) -> Iterator[None]:
    """Announce a step and say how long it took."""
    begun = time.monotonic()
    say(f"  {name} …")
    yield
    say(f"  {name}: {time.monotonic() - begun:.1f} s")


def run(command: Sequence[str | Path], log: Path, env: dict[str, str] | None = None, cwd: Path | None = None) -> None:
    """Run with output to `log` and show progress. On failure print the end of the log and raise."""
    log.parent.mkdir(parents=True, exist_ok=True)
    words = [str(word) for word in command]
    with (
        log.open("a", encoding="utf-8") as sink,
        subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env={**os.environ, **(env or {})},
            cwd=cwd,
        ) as process,
    ):
        sink.write(f"\n$ {' '.join(words)}\n")
        assert process.stdout is not None
        tail = _follow(process.stdout, sink)
    if process.returncode:
        print("\n".join(["", *tail]), file=sys.stderr)
        raise StepFailed(f"`{' '.join(words[:4])} …` failed (exit {process.returncode}); all of its output is in {log}")


def _follow(lines: Iterator[str], sink: object) -> list[str]:
    """Copy every line to the log. Show the compiler's progress, and on a terminal the latest line."""
    tail: list[str] = []
    shown = -1
    for line in lines:
        sink.write(line)  # type: ignore[attr-defined]
        tail = [*tail[-39:], line.rstrip()]
        found = COMPILED.match(line.strip())
        if found:
            percent = int(found[1]) * 100 // int(found[2])
            if LIVE or percent // 20 > shown // 20:
                _show(f"    compiled {found[1]} of {found[2]}")
            shown = percent
        elif LIVE and line.strip() and not line.startswith("WARNING"):
            _show(f"    {line.strip()[:100]}")
    return tail


def _show(text: str) -> None:
    if LIVE:
        print(f"\r\033[K{text}", end="", flush=True)
    else:
        print(text, flush=True)
