"""The modules of the project and their imports, read from the source, for the tests of the architecture."""

import ast
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "tickets", "knowledge", "copilot", "qa", "demo")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that is in git or would be added by `git add`."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(path for line in listed.stdout.splitlines() if (path := ROOT / line).is_file())


@dataclass(frozen=True)
class Module:
    """`imports`: line and name of each of our modules that it imports, at the top or inside a function."""

    name: str
    file: Path
    tree: ast.Module
    imports: tuple[tuple[int, str], ...]

    @property
    def app(self) -> str:
        return self.name.split(".")[0]

    @property
    def part(self) -> str:
        """The top-level package or module inside the app. Empty for the app itself."""
        return (self.name.split(".") + [""])[1]


@cache
def modules() -> dict[str, Module]:
    files = {name_of(file): file for app in APPS for file in sorted((ROOT / app).rglob("*.py"))}
    trees = {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in files.items()}
    return {
        name: Module(name, file, trees[name], tuple(sorted(imported(trees[name], files))))
        for name, file in files.items()
        if ".migrations" not in name
    }


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.Module, known: dict[str, Path]) -> set[tuple[int, str]]:
    """`from a.b import c` imports the module a.b.c if it exists, otherwise a.b."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(node.lineno, alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {(node.lineno, name if name in known else node.module) for name in names}
    return {(line, name) for line, name in found if name in known}


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of names that import each other (strongly connected components with more than one; Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for other in graph[name]:
            if other not in index:
                visit(other)
                low[name] = min(low[name], low[other])
            elif other in stack:
                low[name] = min(low[name], index[other])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in graph:
        if name not in index:
            visit(name)
    return found
