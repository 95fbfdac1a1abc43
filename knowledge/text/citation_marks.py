"""Lines that write the marks with which drafts cite: `[2]` at their beginning or end. Pure."""

import re

_MARKS = r"(?:\[\d{1,2}(?:\s?[,;–-]\s?\d{1,2})*\]\s?)+"
# At the beginning or the end of a line. In the middle, and right behind a name, it is a key, a note or an index.
CITED = re.compile(rf"^\s*{_MARKS}\w|(?<![A-Za-z0-9_)\]}}`\"]){_MARKS}[.!?…。！？»\"”’)]*\s*$", re.MULTILINE)
