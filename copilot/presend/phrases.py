"""The phrases that the rules know (`phrases.toml`), as patterns."""

import re
import tomllib
from functools import cache
from pathlib import Path


def any_of(name: str) -> str:
    """The source of a pattern that matches any of these phrases, as whole words."""
    lines = _phrases()[name].strip().splitlines()
    return rf"(?<!\w)(?:{'|'.join(lines)})(?!\w)".replace("'", "['’]")


def pattern(name: str) -> re.Pattern[str]:
    return re.compile(any_of(name), re.IGNORECASE)


@cache
def _phrases() -> dict[str, str]:
    return tomllib.loads(Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8"))
