"""An article as a file: front matter (front_matter.py), then Markdown. Pure; any text comes back as it was."""

import re
from collections.abc import Mapping

from knowledge.text.front_matter import quoted

BLANK_START = re.compile(r"\A(?:[ \t]*\r?\n)+")
# A relative picture in Markdown: the part before its address, the address, the part after.
IMAGE = re.compile(r"(!\[[^\[\]]*\]\()(?![a-z]+:|/|#)([^()\s]+)((?:\s+\"[^\"\n]*\")?\))", re.IGNORECASE)


def compose(fields: Mapping[str, str], body_md: str) -> str:
    """The file. Empty fields are left out; line ends of the text stay as the author's browser made them."""
    head = "".join(f"{key}: {quoted(value)}\n" for key, value in fields.items() if value)
    return f"---\n{head}---\n\n{body(body_md)}\n"


def body(markdown: str) -> str:
    """Without blank lines around it: they mean nothing, and files begin and end alike."""
    return BLANK_START.sub("", markdown).rstrip()
