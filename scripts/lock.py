"""`.venv/bin/python scripts/lock.py` writes all dependencies of requirements*.txt, as installed.

constraints.txt is what Copydesk runs on, constraints-dev.txt what only tests and linters add.
"""

import importlib.metadata as metadata
import re
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
HEAD = "# Everything behind {}, written by scripts/lock.py.\n"


def named(file: Path) -> list[Requirement]:
    lines = (line.split("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines())
    return [Requirement(line) for line in lines if line]


def closure(wanted: list[Requirement]) -> dict[str, str]:
    """Name and version of all dependencies, with extras."""
    found: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    while wanted:
        requirement = wanted.pop()
        for extra in ["", *requirement.extras]:
            key = (canonicalize_name(requirement.name), extra)
            if key in seen:
                continue
            seen.add(key)
            distribution = metadata.distribution(requirement.name)
            found[key[0]] = re.sub(r"\+.*", "", distribution.version)
            behind = [Requirement(line) for line in distribution.requires or []]
            wanted += [each for each in behind if each.marker is None or each.marker.evaluate({"extra": extra})]
    return found


def write(name: str, source: str, pins: dict[str, str]) -> None:
    lines = [f"{package}=={version}\n" for package, version in sorted(pins.items())]
    (ROOT / name).write_text(HEAD.format(source) + "".join(lines), encoding="utf-8")
    print(f"{name}: {len(lines)} packages")


if __name__ == "__main__":
    runtime = closure(named(ROOT / "requirements.txt"))
    tools = closure(named(ROOT / "requirements-dev.txt"))
    write("constraints.txt", "requirements.txt", runtime)
    write("constraints-dev.txt", "requirements-dev.txt", {k: v for k, v in tools.items() if k not in runtime})
