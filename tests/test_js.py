"""The pure parts of the pages' JavaScript, by the test runner of the Node that Playwright brings along."""

import subprocess
from pathlib import Path

import playwright

ROOT = Path(__file__).resolve().parent.parent
NODE = Path(playwright.__file__).parent / "driver" / "node"


def test_the_modules_do_what_their_tests_say() -> None:
    tests = sorted(str(path) for path in (ROOT / "tests" / "js").glob("*.test.mjs"))
    done = subprocess.run(
        [NODE, "--test", "--test-reporter=tap", *tests], cwd=ROOT, capture_output=True, text=True, timeout=120
    )  # noqa: S603
    assert done.returncode == 0, done.stdout[-5000:]
    assert "# fail 0" in done.stdout
    assert "# pass 0" not in done.stdout
