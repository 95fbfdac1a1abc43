"""The marks with which drafts cite, `[2]`, and lines of articles that write them at their beginning or end. Pure."""

import re

CITATION = re.compile(r" ?\[(\d{1,2})\]")  # in a draft
_MARKS = r"(?:\[\d{1,2}(?:\s?[,;–-]\s?\d{1,2})*\]\s?)+"
# At the beginning or the end of a line. In the middle, and right behind a name, it is a key, a note or an index.
CITED = re.compile(rf"^\s*{_MARKS}\w|(?<![A-Za-z0-9_)\]}}`\"]){_MARKS}[.!?…。！？»\"”’)]*\s*$", re.MULTILINE)
