"""With `--dist loadgroup`: which tests run in the same process, one after the other. `--no-loadscope-reorder` keeps the
order of folders, in which those that take longest come first (benchmarks, browser).

xdist's own groups do nothing with pytest 9, which no longer lets it change a test's id.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling

SHARED = {"tests/browser", "tests/browser/real_model"}


class ByProcesses(LoadScopeScheduling):
    """Stories that share one set of real processes stay together, as does each other file."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        folder, _, _ = file.rpartition("/")
        return folder if folder in SHARED else file


@pytest.hookimpl
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByProcesses | None:
    return ByProcesses(config, log) if config.getvalue("dist") == "loadgroup" else None
