"""Markdown -> HTML that is safe to show and loads nothing from other hosts."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from knowledge.text.chunking import SEPARATOR
from knowledge.text.headings import slug
from knowledge.text.markup import BREAK, presentable
from knowledge.text.parsing import parser

TAGS = {
    *("p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code"),
    *("strong", "em", "s", "a", "img", "table", "thead", "tbody", "tr", "th", "td"),
}
HEADINGS = {f"h{level}" for level in range(1, 7)}
ATTRIBUTES = {
    "a": {"href", "title"},
    "ol": {"start"},
    "img": {"src", "alt", "width", "height", "loading"},
} | {heading: {"id"} for heading in HEADINGS}
# A link to an article (article_links.py), or to a Markdown file that was not imported.
NOT_HERE = re.compile(r"article:|(?![a-z][a-z0-9+.-]*:|//)[^?#]*\.(?:md|mdx|markdown)(?:[?#]|$)", re.IGNORECASE)
# Our own pictures (images.py): the only ones that a page shows.
LOCAL_IMAGE = re.compile(r"/knowledge/images/(?P<sha256>[0-9a-f]{64})\.(?:png|jpg|gif|webp)(?![\w.])")


def render(
    markdown: str, sizes: Mapping[str, tuple[int, int]] | None = None, articles: Mapping[str, str] | None = None
) -> SafeString:
    """`sizes`: width and height of our pictures by sha256 (images.sizes), where known. `articles`: paths of the
    articles that the text links to (article_links.resolve)."""
    html = _PARSER.render(presentable(markdown), {"sizes": sizes or {}, "articles": articles or {}})
    cleaned = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_ours,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    )
    return mark_safe(cleaned)  # noqa: S308 - nh3 has cleaned it


def _ours(tag: str, attribute: str, value: str) -> str | None:
    """A second check that only our own pictures are shown, whatever the parser produced."""
    return None if tag == "img" and attribute == "src" and not LOCAL_IMAGE.fullmatch(value) else value


def anchor(heading_path: str) -> str:
    """The URL fragment of the section that a passage comes from."""
    return f"s-{slug(heading_path.split(SEPARATOR)[-1])}" if heading_path else ""


def _image(self: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    """Our own picture, or a link: loading it from elsewhere would show that host who reads what; our CSP forbids it."""
    source, description = str(tokens[index].attrGet("src") or ""), tokens[index].content
    if found := LOCAL_IMAGE.fullmatch(source):
        width, height = env.get("sizes", {}).get(found["sha256"], (0, 0))
        size = f' width="{width}" height="{height}"' if width else ""
        return f'<img src="{escape(source)}" alt="{escape(description)}"{size} loading="lazy">'
    label = _("%(description)s (image)") % {"description": description} if description else _("Image")
    return f'<a href="{escape(source)}">{escape(label)}</a>'


def _raw(self: Any, tokens: Sequence[Token], index: int, *rest: Any) -> str:
    """hidden_markup.py has removed tags already, except line breaks. Of any other tag only the text stays."""
    raw = tokens[index].content
    return "<br>" if BREAK.fullmatch(raw) else nh3.clean(raw, tags=set())


def _article_links(state: StateCore) -> None:
    """A link to an article that is not published, or to a file that was not imported, becomes plain text."""
    articles = state.env.get("articles", {})
    for token in state.tokens:
        kept: list[Token] = []
        works = True
        for child in token.children or []:
            if child.type == "link_open":
                href = str(child.attrGet("href") or "")
                works = href in articles or not NOT_HERE.match(href)
                child.attrSet("href", articles.get(href, href))
            if works or child.type not in {"link_open", "link_close"}:
                kept.append(child)
        token.children = kept if token.children else token.children


def _parser() -> MarkdownIt:
    markdown = parser()
    markdown.core.ruler.push("article_links", _article_links)
    markdown.add_render_rule("image", _image)
    markdown.add_render_rule("html_block", _raw)
    markdown.add_render_rule("html_inline", _raw)
    return markdown


_PARSER = _parser()
