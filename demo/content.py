"""Reads the files of the invented company beside this module. Everything in them is fiction."""

import json
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ARTICLES = HERE / "articles"


@cache
def customers() -> list[dict[str, Any]]:
    return _read(HERE / "customers.json")


@cache
def tickets() -> list[dict[str, Any]]:
    """All stories, oldest first."""
    stories = [story for file in sorted((HERE / "tickets").glob("*.json")) for story in _read(file)]
    return sorted(stories, key=lambda story: -story["age_days"])


@cache
def escalations() -> list[dict[str, Any]]:
    """Transfers with a package, and a few without, in the order in which they were sent within a ticket."""
    return _read(HERE / "escalations.json")


@cache
def traffic() -> list[dict[str, Any]]:
    return _read(HERE / "traffic.json")


def _read(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text(encoding="utf-8")))
