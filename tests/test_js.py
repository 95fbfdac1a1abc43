"""The JavaScript of the pages: its pure modules, tested with the Node of Playwright, and its structure."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import playwright
import pytest

ROOT = Path(__file__).resolve().parent.parent
NODE = Path(playwright.__file__).parent / "driver" / "node"
SCRIPTS = ROOT / "static" / "js"
IMPORT = re.compile(r"""^import\s[^"';]*["']([^"']+)["'];""", re.M)
HEAD = re.compile(
    r"^(?P<indent> *)(?:export )?(?:default )?(?:async |static |get |set )*"
    r"(?:function\*? ?\w*\(.*|(?!if|for|while|switch|catch)\w+\([^()]*\)|(?:const|let) \w+ = .*=>) \{$"
)


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run every *.test.mjs of a folder. New ones are found."""
    tests = sorted(str(path) for path in folder.glob("*.test.mjs"))
    return subprocess.run(  # noqa: S603
        [NODE, "--test", "--test-reporter=tap", *tests], cwd=ROOT, capture_output=True, text=True, timeout=300
    )


def test_the_modules_do_what_their_tests_say() -> None:
    done = run(ROOT / "tests" / "js")
    assert done.returncode == 0, done.stdout[-5000:]
    assert "# fail 0" in done.stdout
    assert "# pass 0" not in done.stdout


def test_a_failing_script_test_fails_here(tmp_path: Path) -> None:
    (tmp_path / "wrong.test.mjs").write_text(
        'import test from "node:test";\ntest("no", () => { throw Error("no"); });\n'
    )
    done = run(tmp_path)
    assert done.returncode != 0
    assert "# fail 1" in done.stdout


# --- the structure ---------------------------------------------------------------------------


def modules() -> list[Path]:
    return sorted(SCRIPTS.glob("**/*.js"))


def imports(module: Path) -> list[Path]:
    return [(module.parent / name).resolve() for name in IMPORT.findall(module.read_text(encoding="utf-8"))]


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(SCRIPTS)) for path in paths]


def long_functions(module: Path, most: int) -> Iterator[str]:
    lines = module.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        head = HEAD.match(line)
        if not head:
            continue
        length = next(n for n, later in enumerate(lines[number:], 1) if later.startswith(head["indent"] + "}"))
        if length > most:
            yield f"{module.relative_to(SCRIPTS)}:{number + 1} has {length} lines"


def test_imported_modules_exist() -> None:
    assert [(module, wanted) for module in modules() for wanted in imports(module) if not wanted.is_file()] == []


def test_there_are_no_circular_imports() -> None:
    left = {module: set(imports(module)) for module in modules()}
    while free := [module for module, wanted in left.items() if not wanted & left.keys()]:
        for module in free:
            del left[module]
    assert names(sorted(left)) == []


def test_no_module_imports_an_entry() -> None:
    """Pages load it with a hash, modules would import it without, so the browser would run it twice."""
    named = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "templates").glob("**/*.html"))
    entries = {SCRIPTS.parent / name for name in re.findall(r"{% static '(js/[^']+\.js)' %}", named)}
    assert len(entries) > 4
    assert names([wanted for module in modules() for wanted in imports(module) if wanted in entries]) == []


def test_every_module_is_used_by_a_page() -> None:
    named = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "templates").glob("**/*.html"))
    wanted = {path for module in modules() for path in imports(module)}
    unused = [path for path in modules() if path not in wanted and f"js/{path.relative_to(SCRIPTS)}" not in named]
    assert names(unused) == []


def test_modules_and_functions_are_short() -> None:
    assert [f"{module}" for module in modules() if len(module.read_text(encoding="utf-8").splitlines()) > 300] == []
    assert [found for module in modules() for found in long_functions(module, 30)] == []


@pytest.mark.parametrize("kind", ["js", "css"])
def test_folders_are_small(kind: str) -> None:
    folders = {path.parent for path in (ROOT / "static" / kind).glob("**/*.*")}
    assert [str(folder) for folder in folders if len(list(folder.glob("*.*"))) > 20] == []
