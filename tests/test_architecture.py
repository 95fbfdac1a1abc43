"""Rules for files: no hosts, no paths of a machine, no scripts in templates; and some packages in one place only."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.modules import ROOT, modules, tracked

HOSTS = re.compile(r"(?:pypi\.org|pythonhosted\.org|npmjs\.|registry\.\w+\.|debian\.org|download\.pytorch)", re.I)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|home)/[\w.-]+")
INLINE = re.compile(
    r"<style\b|<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']", re.I
)


def outside(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and package of every import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module.split(".")[0]


@pytest.mark.parametrize(
    ("package", "home"),
    [("chromadb", "knowledge.index."), ("llama_cpp", "copilot.engine.")],
)
def test_a_package_is_imported_in_one_place_only(package: str, home: str) -> None:
    elsewhere = [
        f"{module.name}:{line}"
        for module in modules().values()
        for line, name in outside(module.tree)
        if name == package and not module.name.startswith(home)
    ]
    assert elsewhere == []


def readable() -> Iterator[tuple[str, str]]:
    for file in tracked():
        name = str(file.relative_to(ROOT))
        if name.startswith("static/vendor/") or name == "tests/test_architecture.py":
            continue
        try:
            yield name, file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def test_no_file_names_a_registry_or_this_machine() -> None:
    found = [
        f"{name}: {match[0]}"
        for name, text in readable()
        for pattern in (HOSTS, MACHINE_PATHS)
        for match in pattern.finditer(text)
    ]
    assert found == []


def test_templates_hold_no_script_and_no_style() -> None:
    found = [
        f"{name}: {match[0]}" for name, text in readable() if name.endswith(".html") for match in INLINE.finditer(text)
    ]
    assert found == []


def test_every_requirement_is_exact() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt", "constraints-dev.txt"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        loose = [
            line
            for line in lines
            if line and not line.startswith("#") and not re.fullmatch(r"[\w.\[\],-]+==[\w.]+", line)
        ]
        assert loose == [], name
