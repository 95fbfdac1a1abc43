"""HTML that is made to keep a parser busy: the time is linear, nothing raises, and no words are lost."""

import html as entities
import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.growth import assert_linear
from tickets.mail.html import sanitising
from tickets.mail.html.showing import show

SIZES = (25_000, 100_000)

FAMILIES: dict[str, Callable[[int], str]] = {
    "scripts that never end": lambda n: "<script " * (n // 8),
    "scripts opened": lambda n: "<script>" * (n // 8),
    "styles opened": lambda n: "<style>x" * (n // 8),
    "comments opened": lambda n: "<!--" * (n // 4),
    "declarations opened": lambda n: "<!x" * (n // 3),
    "lone angle brackets": lambda n: "<" * n,
    "tags without an end": lambda n: "<a " * (n // 3),
    "closing tags of nothing": lambda n: "</b>" * (n // 4),
    "quotation marks in tags": lambda n: "<a b='" + '"' * n,
    "attributes": lambda n: "<a " + " ".join(f"a{i}=1" for i in range(n // 7)) + ">x</a>",
    "attributes without spaces": lambda n: "<a" + "/x" * (n // 2) + ">x</a>",
    "one huge attribute": lambda n: f'<img src="data:image/png;base64,{"A" * n}" alt="x">',
    "spaces in a tag": lambda n: "<a" + " " * n + "x",
    "equals signs": lambda n: "<a x" + "= " * (n // 2),
    "divs": lambda n: "<div>" * (n // 5),
    "divs with text": lambda n: "<div>x" * (n // 6),
    "quotations": lambda n: "<blockquote>x" * (n // 13),
    "tables": lambda n: "<table><tr><td>x" * (n // 16),
    "tables with text between": lambda n: "<table>x" * (n // 8),
    "lists": lambda n: "<ul><li>x" * (n // 9),
    "open formatting": lambda n: "".join(f'<b id="{i}">' for i in range(n // 24)) + "<p>x" * (n // 8),
    "open formatting and blocks": lambda n: "".join(f'<i id="{i}"><div>' for i in range(n // 20)),
    "links in links": lambda n: "<a href=x><div>" * (n // 15),
    "crossed formatting": lambda n: "<b><i></b></i>" * (n // 14),
    "paragraphs": lambda n: "<p>x" * (n // 4),
    "spaces": lambda n: "<p>" + " " * n,
    "spaces in pre": lambda n: "<pre>" + " " * n + "x</pre>",
    "line breaks in pre": lambda n: "<pre>" + " \n" * (n // 2) + "x</pre>",
    "one long text and many blocks": lambda n: "<pre>" + "x" * (n // 2) + "\n</pre>" + "<div></div>" * (n // 22),
    "entities": lambda n: "&amp;" * (n // 5),
    "ampersands": lambda n: "&" * n,
    "hard spaces": lambda n: "&nbsp;" * (n // 6),
    "invisible letters": lambda n: "\u200c\u00a0" * (n // 2) + "x",
    "images": lambda n: '<img alt="x">' * (n // 13),
    "style rules": lambda n: f"<style>{'.a{color:red}' * (n // 13)}</style>x",
    "open style rules": lambda n: f"<style>{'@media x{' * (n // 9)}</style>x",
    "open style comments": lambda n: f"<style>{'/*' * (n // 2)}</style>x",
    "one long style": lambda n: f'<p style="{"a:b;" * (n // 4)}">x</p>',
    "a word without an end": lambda n: "<p>" + "x" * n,
    "templates": lambda n: "<template><svg><math>x" * (n // 22),
    "headings that never close": lambda n: "<h1><a>" * (n // 7),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_time_is_linear_in_the_page(family: str) -> None:
    def read(html: str) -> None:
        sanitising.repair.cache_clear()
        show(html)
        sanitising.text_runs(html)

    assert_linear(read, FAMILIES[family], SIZES)


@pytest.mark.parametrize("family", FAMILIES)
def test_very_long_html_is_read_in_linear_time(family: str) -> None:
    assert_linear(sanitising._rough_text, FAMILIES[family], SIZES)


TAGS = st.sampled_from(
    "div p b i a span table tr td th li ul ol dl dt dd pre blockquote script style br hr img textarea svg h1".split()  # noqa: SIM905
)
STYLES = st.sampled_from(
    ["", ' style="white-space:pre"', ' style="font-size:0"', " hidden", ' class="x"', " a='", ' b="']
)
MARKUP = st.recursive(
    st.text("word \n&<>\"'=/\x00é", max_size=12) | st.just("<!-- x -->") | st.just("<style>.x{display:none}</style>"),
    lambda inner: st.builds(
        lambda tag, style, parts, closed: f"<{tag}{style}>{''.join(parts)}" + (f"</{tag}>" if closed else ""),
        TAGS,
        STYLES,
        st.lists(inner, max_size=4),
        st.booleans(),
    ),
    max_leaves=20,
)


@given(MARKUP)
def test_any_html_is_cleaned_and_read(html: str) -> None:
    safe, text = show(html).html, sanitising.to_text(html)
    assert "\x00" not in safe + text
    assert not re.search(r"<(?:script|style|img|svg|textarea|form)\b", safe)


@given(st.lists(st.tuples(TAGS.filter(lambda tag: tag not in {"script", "style", "svg"}), st.booleans()), max_size=30))
def test_no_word_is_lost_if_tags_are_not_closed(tags: list[tuple[str, bool]]) -> None:
    html = "".join(f"<{'/' if closes else ''}{tag}>word{i} " for i, (tag, closes) in enumerate(tags))
    text = sanitising.to_text(html)
    assert all(re.search(rf"\bword{i}\b", text) for i in range(len(tags)))


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), max_size=60))
def test_text_comes_out_as_it_was_written(words: str) -> None:
    assert sanitising.to_text(f"<div>{entities.escape(words)}</div>").replace(" ", "") == "".join(words.split())
