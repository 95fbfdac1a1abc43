"""Unique ids for a text's headings, and links that find them however other tools name them.

Ids begin with `s-`, so that they never equal an id of the page around them. Links such as `#whats-new`, as GitHub
writes it, or `#news`, if the heading has `{#news}`, are changed to the heading's id. Rules for the parser; pure.
"""

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

LONGEST = 60  # characters of an id's name
NAMELESS = "section"  # for a heading without letters
OWN_ID = re.compile(r":?\s*#([\w.:-]{1,200})")
SEEN = {"text", "code_inline", "image"}


def slug(heading: str) -> str:
    plain = unicodedata.normalize("NFKC", heading.rstrip("…")).lower()
    return re.sub(r"\W+", "-", plain).strip("-")[:LONGEST] or NAMELESS


def key(name: str) -> str:
    """A heading, or a link's name for it, without spaces and punctuation, which tools write differently."""
    plain = unicodedata.normalize("NFKC", unquote(name)).lower().strip()
    return re.sub(r"[\W_]+", "", plain) or plain


def split_id(heading: str) -> tuple[str, str]:
    """`Reset your key {#reset}` -> its text, and the id that the author chose."""
    text = heading.rstrip()
    start = text.rfind("{") if text.endswith("}") else -1
    found = OWN_ID.match(text[start + 1 :]) if start >= 0 else None
    return (text[:start].rstrip(), found[1]) if found else (heading, "")


def words(inline: Token) -> str:
    """The visible text of a line: no Markdown, no addresses."""
    return "".join(child.content if child.type in SEEN else " " for child in inline.children or []).strip()


def install(parser: MarkdownIt) -> MarkdownIt:
    parser.core.ruler.before("inline", "own_ids", _own_ids)
    parser.core.ruler.push("heading_ids", _heading_ids)
    parser.core.ruler.push("links_to_headings", _links)
    return parser


def _own_ids(state: StateCore) -> None:
    for place, token in enumerate(state.tokens):
        if token.type == "heading_open":
            inline = state.tokens[place + 1]
            inline.content, token.meta["own"] = split_id(inline.content)


def _heading_ids(state: StateCore) -> None:
    taken: set[str] = set()
    repeated: dict[str, int] = {}
    by_name: dict[str, str] = {}
    own: dict[str, str] = {}
    for place, token in enumerate(state.tokens):
        if token.type != "heading_open":
            continue
        said = words(state.tokens[place + 1])
        name, number = slug(said), repeated.get(slug(said), 0)
        while (given := f"s-{name}" + (f"-{number}" if number else "")) in taken:
            number += 1
        repeated[name] = number + 1
        taken.add(given)
        token.attrSet("id", given)
        by_name.setdefault(key(said) + (str(number) if number else ""), given)
        if token.meta.get("own"):
            own.setdefault(key(token.meta["own"]), given)
    state.env["headings"] = by_name | own


def _links(state: StateCore) -> None:
    for token in state.tokens:
        for child in token.children or []:
            href = str(child.attrGet("href") or "") if child.type == "link_open" else ""
            if len(href) > 1 and href.startswith("#"):
                child.attrSet("href", "#" + fragment(href[1:], state.env["headings"]))


def fragment(name: str, headings: Mapping[str, str]) -> str:
    """The id that a link's name means, or the name itself if no heading has it."""
    return headings.get(key(name)) or headings.get(key(name.removeprefix("s-"))) or name
