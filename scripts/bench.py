"""`make bench`: runs each benchmark and prints one table.

`bench_desk` starts processes of its own on scratch data; `bench_drafts` measures the model of a desk that runs.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = {
    "bench_desk": [sys.executable, "scripts/bench_desk.py"],
    "bench_drafts": [sys.executable, "manage.py", "bench_drafts", "--json"],
}


def main() -> int:
    failed = []
    for name, command in BENCHMARKS.items():
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
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
