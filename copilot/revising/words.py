"""The words by which rules read a message or a reply (`words.toml`). Pure but for reading that file."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any


@cache
def pattern(*names: str) -> re.Pattern[str]:
    """Any of the words under `names`, such as "moods", "upset"."""
    found: Any = _all()
    for name in names:
        found = found[name]
    return re.compile("|".join(f"(?:{each})" for each in found), re.IGNORECASE)


@cache
def _all() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))
