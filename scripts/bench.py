"""`make bench`: runs each benchmark that this checkout has and prints one table."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = ["bench_queue", "bench_drafts"]


def main() -> int:
    listed = subprocess.run(
        [sys.executable, "manage.py", "help", "--commands"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    known, failed = set(listed.stdout.split()), []
    for name in BENCHMARKS:
        if name not in known:
            continue
        done = subprocess.run(
            [sys.executable, "manage.py", name, "--json"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
        )
        if done.returncode:
            failed.append(name)
            continue
        print(f"\n{name}")
        for key, value in rows(json.loads(done.stdout)):
            print(f"  {key:<48} {value}")
    for name in failed:
        print(f"\n{name} failed; bench_drafts needs the model: start `make run` beside it.", file=sys.stderr)
    return 1 if failed else 0


def rows(value: object, path: str = "") -> list[tuple[str, object]]:
    """A nested JSON object as `a · b` and figure."""
    if isinstance(value, dict):
        return [row for key, inner in value.items() for row in rows(inner, f"{path} · {key}".strip(" ·"))]
    if isinstance(value, list):
        return [row for number, inner in enumerate(value, 1) for row in rows(inner, f"{path} · {number}")]
    return [(path, value)]


if __name__ == "__main__":
    sys.exit(main())
