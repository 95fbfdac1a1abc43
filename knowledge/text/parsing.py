"""The one Markdown parser for what is shown, checked and cut into passages: linear in the text, depth bounded."""

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.text import headings

NESTING = 20  # lists in lists, quotes in quotes


def parser() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"maxNesting": NESTING}).enable(["table", "strikethrough"])
    return headings.install(markdown)


_READER = parser()
_BLOCKS = MarkdownIt("commonmark", {"maxNesting": NESTING}).enable("table").disable("inline")


def tokens(text: str) -> list[Token]:
    return _READER.parse(text)


def blocks(text: str) -> list[Token]:
    """The blocks alone: what is inside a line of text is not looked at."""
    return _BLOCKS.parse(text)


def heading_ids(text: str) -> dict[str, str]:
    """`{name: id}` of the text's headings, for headings.fragment."""
    env: dict[str, dict[str, str]] = {}
    _READER.parse(text, env)
    return env["headings"]
