import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.modules import ROOT

TEST = 'import pytest\n\n\ndef test_model():\n    pytest.skip("the model is not here")\n'
FILE = 'import pytest\n\npytest.skip("the model is not here", allow_module_level=True)\n'


@pytest.mark.parametrize(
    ("text", "ci", "status", "said"),
    [
        (TEST, "true", 1, "the model is not here"),
        (FILE, "true", 2, "the model is not here"),
        (TEST, "", 0, "1 skipped"),
    ],
    ids=["test", "file", "by hand"],
)
def test_a_skipped_test_fails_only_in_ci(tmp_path: Path, text: str, ci: str, status: int, said: str) -> None:
    (tmp_path / "test_skipping.py").write_text(text)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.no_skips",
        "-p",
        "no:django",
        "-p",
        "no:cacheprovider",
    ]
    environment = os.environ | {"CI": ci, "PYTHONPATH": str(ROOT)}
    for name in [name for name in environment if name.startswith("PYTEST_")]:
        del environment[name]
    done = subprocess.run([*command, "."], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == status, done.stdout + done.stderr
    assert said in done.stdout
