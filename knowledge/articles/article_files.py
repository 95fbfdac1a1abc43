"""An article as a file: front matter (front_matter.py), then Markdown. Pure; reading the file gives the same text."""

import re
from collections.abc import Mapping

from knowledge.text.front_matter import quoted

BLANK_START = re.compile(r"\A(?:[ \t]*\r?\n)+")
# A relative picture in Markdown: the part before its address, the address, the part after.
IMAGE = re.compile(r"(!\[[^\[\]]*\]\()(?![a-z]+:|/|#)([^()\s]+)((?:\s+\"[^\"\n]*\")?\))", re.IGNORECASE)


def compose(fields: Mapping[str, str], body_md: str) -> str:
    """The file's content, without empty fields. Line ends stay as the author's browser sent them."""
    head = "".join(f"{key}: {quoted(value)}\n" for key, value in fields.items() if value)
    return f"---\n{head}---\n\n{body(body_md)}\n"


def body(markdown: str) -> str:
    """Without blank lines around it, so that all files begin and end the same way."""
    return BLANK_START.sub("", markdown).rstrip()
