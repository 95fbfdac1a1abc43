"""What the checks of an article say."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["bad", "warn", "info"]


@dataclass(frozen=True)
class Remark:
    """`line` counts from 1 in the author's text; 0 means the whole text."""

    level: Level
    line: int
    words: str
