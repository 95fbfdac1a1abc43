"""`make bench`: runs each benchmark with temporary data and prints one table. Nothing else needs to run.

`--short` measures less: enough to see that each benchmark works, not enough to compare.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser.stack import Stack  # noqa: E402


@contextmanager
def model_server() -> Iterator[str]:
    """The address of a model process, started on a free port."""
    with tempfile.TemporaryDirectory(prefix="copydesk-bench-") as var:
        stack = Stack(Path(var))
        try:
            stack.start("model")
            yield f"http://127.0.0.1:{stack.ports['model']}/v1"
        finally:
            stack.stop()


def measure(name: str, short: bool) -> dict[str, object] | None:
    """What the benchmark printed, or None if it failed. The reason is on stderr."""
    if name == "bench_lanes":  # run it by hand with --model hanging and dead too
        size = ["--short", "--replies", "3", "--model", "hanging"] if short else ["--mails", "300"]
        return _json_of(["scripts/bench_lanes.py", "--json", *size])
    if name == "bench_drafts":
        with model_server() as url:
            at_once = "1,4" if short else "1,4,8"
            return _json_of(["manage.py", name, "--json", "--base-url", url, "--concurrency", at_once])
    if name == "bench_queue":
        size = ["--tickets", "200,400", "--repeat", "3"] if short else ["--tickets", "10000,100000"]
        with tempfile.TemporaryDirectory(prefix="copydesk-bench-") as var:
            stack = Stack(Path(var))
            stack.prepare()  # so that it has settings and static files, whatever this checkout has
            return _json_of(["manage.py", name, "--json", *size], stack.env)
    return _json_of([f"scripts/{name}.py", *(["--short"] if short else [])])


def _json_of(command: list[str], env: dict[str, str] | None = None) -> dict[str, object] | None:
    words = [sys.executable, *command]
    done = subprocess.run(words, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=False)
    return None if done.returncode else dict(json.loads(done.stdout))


BENCHMARKS = ("bench_desk", "bench_drafts", "bench_lanes", "bench_queue")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--short", action="store_true", help="only check that it works, in a minute or two")
    options.add_argument("names", nargs="*", default=BENCHMARKS, help=f"of {', '.join(BENCHMARKS)}")
    given = options.parse_args()
    failed = []
    for name in given.names:
        found = measure(name, given.short)
        if found is None:
            failed.append(name)
            continue
        print(f"\n{name}")
        for key, value in rows(found):
            print(f"  {key:<48} {value}", flush=True)
    for name in failed:
        print(f"\n{name} failed, see above.", file=sys.stderr)
    return 1 if failed else 0


def rows(value: object, path: str = "") -> list[tuple[str, object]]:
    """The figures of a nested JSON object, with keys like `a · b`."""
    if isinstance(value, dict):
        return [row for key, inner in value.items() for row in rows(inner, f"{path} · {key}".strip(" ·"))]
    if isinstance(value, list):
        return [row for number, inner in enumerate(value, 1) for row in rows(inner, f"{path} · {number}")]
    return [(path, value)]


if __name__ == "__main__":
    sys.exit(main())
