"""The benchmarks of `make bench` run to their end; their figures are not judged. bench_drafts: test_engine.py."""

import subprocess
import sys

import pytest

from tests.modules import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.model, pytest.mark.services]


@pytest.mark.parametrize("name", ["bench_desk", "bench_lanes", "bench_queue"])
def test_a_benchmark_measures_something(name: str) -> None:
    command = [sys.executable, "scripts/bench.py", "--short", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    rows = dict(line.rsplit(maxsplit=1) for line in done.stdout.splitlines() if line.startswith("  "))
    assert len(rows) > 5
