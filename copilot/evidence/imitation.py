"""What an article may not bring into a draft: our own citations, and what no reader sees. Pure.

`[2]` behind a sentence says to agents that a source was checked. An article that writes it itself, by mistake or on
purpose, would lend itself that trust, and when citations are removed from a sent reply, its own would stay.
"""

import re

from copilot.evidence.units import Kind, Unit

_MARKS = r"(?:\[\d{1,2}(?:\s?[,;–-]\s?\d{1,2})*\]\s?)+"
# At the beginning or the end of a line. In the middle, and right behind a name, it is a key, a note or an index.
_CITED = re.compile(rf"^\s*{_MARKS}\w|(?<![A-Za-z0-9_)\]}}`\"]){_MARKS}[.!?…。！？»\"”’)]*\s*$", re.MULTILINE)
# Copies of ASCII that no font shows, and marks that turn the order of the letters behind them.
_HIDDEN = re.compile("[\U000e0000-\U000e007f\u202d\u202e]")


def imitates_citation(unit: Unit) -> bool:
    return unit.kind is not Kind.CODE and bool(_CITED.search(unit.text))


def without_hidden(text: str) -> str:
    return _HIDDEN.sub("", text)
