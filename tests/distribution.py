"""How `pytest -n 4 --dist loadgroup` divides the tests: whole files; half of the processes begin with the real parts.

Tests with real parts (models, browsers, servers, processes) wait much, so quick tests run beside them. More than two
real stories at once would disturb each other. xdist's own groups do nothing with pytest 9, which no longer lets it
change a test's id.
"""

import re
from functools import cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

SHARED = {"tests/browser", "tests/browser/real_model"}  # each folder's stories share one set of processes
REAL_PARTS = re.compile(r"pytest\.mark\.(model|browser|services)\b")
ROOT = Path(__file__).resolve().parent.parent


@cache
def has_real_parts(scope: str) -> bool:
    """Whether a file, or the first file of a folder, marks a test as one with real parts."""
    path = ROOT / scope
    files = [path] if path.is_file() else sorted(path.glob("test_*.py"))[:1]
    return any(REAL_PARTS.search(file.read_text(encoding="utf-8")) for file in files)


class ByProcesses(LoadScopeScheduling):
    """Stories that share one set of real processes stay together, as does each other file."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        folder, _, _ = file.rpartition("/")
        return folder if folder in SHARED else file

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(self._next(node), last=False)
        super()._assign_work_unit(node)

    def _next(self, node: WorkerController) -> str:
        """Real parts in order of folders, in which those that take longest come first; quick files by size."""
        real = [scope for scope in self.workqueue if has_real_parts(scope)]
        quick = [scope for scope in self.workqueue if not has_real_parts(scope)]
        begins_with_real = self.nodes.index(node) < (len(self.nodes) + 1) // 2
        if real and (begins_with_real or not quick):
            return min(real)
        return max(quick, key=lambda scope: len(self.workqueue[scope]))


@pytest.hookimpl
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByProcesses | None:
    return ByProcesses(config, log) if config.getvalue("dist") == "loadgroup" else None
