"""An article as a file: `key: value` lines between two lines of dashes, then Markdown. Pure, both ways.

No YAML, nor its surprises. A value that could be misread stands in double quotes, escaped as in JSON; so any text
comes back exactly as it was.
"""

import json
import re
from collections.abc import Iterator, Mapping

FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(?P<head>.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
KEY = re.compile(r"[\w-]+")
PLAIN = re.compile(r"[^\s\"'#\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff](?:[^\x00-\x1f\x7f-\x9f\u2028\u2029]*[^\s\"'])?")
BLANK_START = re.compile(r"\A(?:[ \t]*\r?\n)+")
# A relative picture in Markdown: the part before its address, the address, the part after.
IMAGE = re.compile(r"(!\[[^\[\]]*\]\()(?![a-z]+:|/|#)([^()\s]+)((?:\s+\"[^\"\n]*\")?\))", re.IGNORECASE)


class BadFrontMatter(Exception):
    """Names the line, counted in the file."""


def parse(text: str) -> tuple[dict[str, str], str]:
    """The fields and the Markdown below them. Raises BadFrontMatter."""
    found = FRONT_MATTER.match(text)
    if not found:
        return {}, text
    return dict(_fields(found["head"])), text[found.end() :]


def _fields(head: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(re.split(r"\r?\n", head), 2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, value = line.partition(":")
        if not colon or not KEY.fullmatch(key.strip()):
            raise BadFrontMatter(f"front matter, line {number}: expected `key: value`")
        yield key.strip(), unquoted(value.strip())


def unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == '"':
        try:
            read = json.loads(value)
        except ValueError:
            read = None
        if isinstance(read, str):
            return read
    return value.strip("\"'")


def quoted(value: str) -> str:
    """As it stands in the file; `unquoted` gives it back."""
    return value if PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=not value.isprintable())


def compose(fields: Mapping[str, str], body_md: str) -> str:
    """The file. Empty fields are left out; line ends of the text stay as the author's browser made them."""
    head = "".join(f"{key}: {quoted(value)}\n" for key, value in fields.items() if value)
    return f"---\n{head}---\n\n{body(body_md)}\n"


def body(markdown: str) -> str:
    """Without blank lines around it: they mean nothing, and files begin and end alike."""
    return BLANK_START.sub("", markdown).rstrip()
