"""The Markdown parser for showing, checking and chunking. Time is linear in the text; nesting is limited."""

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.text import headings

NESTING = 20  # levels of lists in lists, quotes in quotes


def parser() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"maxNesting": NESTING}).enable(["table", "strikethrough"])
    return headings.install(markdown)


_READER = parser()
_BLOCKS = MarkdownIt("commonmark", {"maxNesting": NESTING}).enable("table").disable("inline")


def tokens(text: str) -> list[Token]:
    return _READER.parse(text)


def blocks(text: str) -> list[Token]:
    """Only the blocks, without parsing what is inside their lines."""
    return _BLOCKS.parse(text)


def heading_ids(text: str) -> dict[str, str]:
    """`{name: id}` of the text's headings, for headings.fragment."""
    env: dict[str, dict[str, str]] = {}
    _READER.parse(text, env)
    return env["headings"]
