"""Chunks: no word is lost, none is too long, each has its headings, lists and tables stay whole."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.text.chunking import BOUND, HEADING_LIMIT, SEPARATOR, chunk, count
from knowledge.text.markup import readable

WORD = st.text(alphabet="abcdefghijklmnopqrstuvwxyzäöüßéñ", min_size=1, max_size=12)
LINE = st.lists(WORD, min_size=1, max_size=60).map(" ".join)
BLOCK = st.one_of(
    LINE,
    st.tuples(st.integers(1, 6), LINE).map(lambda pair: "#" * pair[0] + " " + pair[1]),
    st.lists(LINE, min_size=1, max_size=30).map(lambda items: "\n".join(f"- {item}" for item in items)),
    st.lists(LINE, min_size=1, max_size=20).map(
        lambda rows: "| a | b |\n|---|---|\n" + "\n".join(f"| {r} | x |" for r in rows)
    ),
    st.lists(LINE, min_size=1, max_size=20).map(lambda rows: "```\n" + "\n".join(rows) + "\n```"),
)
MARKDOWN = st.lists(BLOCK, min_size=1, max_size=12).map("\n\n".join)


def said(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


@settings(max_examples=150, deadline=None)
@given(MARKDOWN)
def test_no_word_is_lost_and_no_passage_too_long(markdown: str) -> None:
    pieces = chunk(markdown)
    kept = said(" ".join(f"{piece.heading_path} {piece.text}" for piece in pieces))
    assert said(readable(markdown)) <= kept
    assert all(0 < piece.tokens == count(piece.text) <= BOUND for piece in pieces)
    assert all(len(piece.heading_path) <= 500 for piece in pieces)
    assert chunk(markdown) == pieces


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=2000) | st.text(alphabet="#*_-|`~<>[](){}!\\/:=\"' \n\tab1", max_size=600))
def test_any_text_is_split_without_an_error(text: str) -> None:
    assert all(piece.tokens <= BOUND and piece.text.strip() for piece in chunk(text, "title"))


@pytest.mark.parametrize(
    "text", ["x" * 100_000, "很" * 5_000, "[" * 5_000, "> " * 3_000, "`" * 9_999, "<a " * 4_000, "*" * 8_000]
)
def test_very_long_texts_are_split_in_linear_time(text: str) -> None:
    assert all(piece.tokens <= BOUND for piece in chunk(text))


def test_a_passage_knows_the_headings_above_it() -> None:
    body = "intro " * 40 + "\n\n## Billing\n\n" + "pay " * 40 + "\n\n### Refunds\n\n" + "back " * 40
    assert [piece.heading_path for piece in chunk(body)] == ["", "Billing", f"Billing{SEPARATOR}Refunds"]


def test_the_title_is_not_repeated_as_a_heading() -> None:
    assert [piece.heading_path for piece in chunk("# Refunds\n\n" + "back " * 40, "Refunds")] == [""]


def test_a_list_that_fits_stays_whole() -> None:
    items = "\n".join(f"- step {i} " + "do it " * 5 for i in range(12))
    pieces = chunk("before " * 150 + "\n\n" + items)
    assert any(all(f"step {i} " in piece.text for i in range(12)) for piece in pieces)


def test_a_table_that_does_not_fit_repeats_its_header() -> None:
    table = "| plan | price |\n|---|---|\n" + "\n".join(f"| plan {i} | {i} euros each month |" for i in range(120))
    pieces = chunk(table)
    assert len(pieces) > 2
    assert all(piece.text.startswith("| plan | price |") for piece in pieces)


def test_short_neighbours_are_joined_under_the_heading_they_share() -> None:
    pieces = chunk("# Contact\n\n## Mail\n\nWrite to us.\n\n## Phone\n\nCall us.")
    assert [(piece.heading_path, piece.text) for piece in pieces] == [
        ("Contact", "Mail\n\nWrite to us.\n\nPhone\n\nCall us.")
    ]


def test_a_heading_with_nothing_under_it_is_kept() -> None:
    assert "Call us at noon" in chunk("text " * 40 + "\n\n## Call us at noon")[-1].text


def test_a_very_long_heading_is_clipped_in_the_path_and_whole_in_the_text() -> None:
    heading = "what happens " * 12
    piece = chunk(f"## {heading}\n\n" + "body " * 40)[0]
    assert len(piece.heading_path) <= HEADING_LIMIT
    assert heading.strip() in piece.text


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("---\ntitle: x\n---\nbody", "body"),
        ("import A from '@site/a';\n\nbody", "\n\nbody"),
        ("a <!-- hidden\nstill --> b", "a  b"),
        ("![the blue button](img/x.png) here", "the blue button here"),
        ("[the guide](https://a.example/b_(c)) here", "the guide here"),
        ('<CtaBox href="x" /> text <img alt="a graph" src={useBaseUrl("x")} />', "text a graph"),
        ("`<script>` stays", "`<script>` stays"),
        ("```html\n<b>code</b> [x](y)\n```", "```html\n<b>code</b> [x](y)\n```"),
        (":::tip Good to know\nbody\n:::", "Good to know\nbody\n"),
        ("**Settings › Billing** costs 2 * 3", "Settings › Billing costs 2 * 3"),
        ("Fish &amp; chips", "Fish & chips"),
        ("see <https://a.example>", "see https://a.example"),
    ],
)
def test_hidden_markup_is_removed_and_words_stay(markdown: str, expected: str) -> None:
    assert readable(markdown) == expected.strip("\n")
