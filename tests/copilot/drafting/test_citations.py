"""Citations and placeholders that a model invents are not shown, however the text is split into pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.citations import InventedFilter, strip_citations


def filtered(pieces: list[str]) -> str:
    each = InventedFilter()
    return "".join([each.feed(piece) for piece in pieces] + [each.finish()])


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("It takes 5 days [1].", "It takes 5 days."),
        ("Both say so [1, 2].", "Both say so."),
        ("One says so [2; 9][3].", "One says so."),
        ("An array [x] stays, and a note [ 2 ]", "An array [x] stays, and a note [ 2 ]"),
        ("Hi <FULL_NAME>, write to <EMAIL_1>.", "Hi, write to."),
        ("A <b> and a < b stay", "A <b> and a < b stay"),
    ],
)
def test_citations_and_placeholders_are_left_out(raw: str, clean: str) -> None:
    assert filtered([raw]) == clean


@given(st.lists(st.integers(1, 8), min_size=1, max_size=12))
def test_the_cut_into_pieces_makes_no_difference(sizes: list[int]) -> None:
    raw = "Hi <NAME>, see [1] and [3], or [1, 2] and [ 2 ]; a < b [end"
    pieces, at = [], 0
    while at < len(raw):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(raw[at : at + size])
        at += size
    assert filtered(pieces) == filtered([raw])


def test_no_half_of_a_citation_is_shown_while_it_streams() -> None:
    each = InventedFilter()
    assert each.feed("five days [") == "five days"
    assert each.feed("2") == ""
    assert each.feed("].") == "."


def test_stripping_takes_the_space_before_a_citation() -> None:
    assert strip_citations("Open Settings [1], then Billing [2][1].") == "Open Settings, then Billing."
