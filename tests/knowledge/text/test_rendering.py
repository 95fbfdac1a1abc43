"""Shown Markdown is safe, loads nothing, and can be linked to by section."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.text.chunking import chunk
from knowledge.text.diffing import compare
from knowledge.text.rendering import anchor, render


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '<a href="x" style="position:fixed" onclick="a()">x</a>',
        "<svg/onload=alert(1)>",
        "<iframe src=//evil.example></iframe>",
        '<form action="//evil.example"><input></form>',
    ],
)
def test_hostile_markup_is_removed(hostile: str) -> None:
    html = render(f"before\n\n{hostile}\n\nafter {hostile}").lower()
    tags = re.findall(r"<[^>]*>", html)
    assert all(re.match(r"</?(p|a)\b", tag) for tag in tags)
    assert not any(re.search(r"\s(on\w+|style|src)=", tag) for tag in tags)
    assert 'href="javascript' not in html
    assert 'href="data' not in html


def test_images_become_links() -> None:
    assert render("![a chart](https://other.example/c.png)") == (
        '<p><a href="https://other.example/c.png" rel="noopener noreferrer">a chart (image)</a></p>\n'
    )


def test_a_passage_finds_its_section() -> None:
    body = "## How `long` it takes, [really](x)?\n\n" + "ten days " * 20
    assert f'id="{anchor(chunk(body)[0].heading_path)}"' in render(body)


@given(st.text(max_size=500))
def test_any_text_renders(text: str) -> None:
    assert "<script" not in render(text)


def test_a_diff_marks_the_changed_words_and_folds_the_rest() -> None:
    old = "\n".join([*(f"line {i}" for i in range(20)), "It takes 5 days."])
    rows = compare(old, old.replace("5 days", "7 days") + "\nNew line.")
    assert [row.kind for row in rows] == ["gap", "same", "same", "changed", "added"]
    changed = rows[3]
    assert [part.text for part in changed.left if part.changed] == ["5"]
    assert [part.text for part in changed.right if part.changed] == ["7"]


def test_a_diff_of_equal_texts_is_empty_of_changes() -> None:
    assert {row.kind for row in compare("a\nb", "a\nb")} == {"gap"}
