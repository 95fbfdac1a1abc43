"""Citations: only numbers that exist, however the text is split into pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from copilot.drafting.citations import CitationFilter, strip_citations

TWO = frozenset({1, 2})


def filtered(pieces: list[str], allowed: frozenset[int] = TWO, names: frozenset[str] = frozenset({"NAME"})) -> str:
    each = CitationFilter(allowed, names)
    return "".join([each.feed(piece) for piece in pieces] + [each.finish()])


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("It takes 5 days [1].", "It takes 5 days [1]."),
        ("It takes 5 days [7].", "It takes 5 days."),
        ("Both say so [1, 2].", "Both say so [1][2]."),
        ("One exists [2; 9].", "One exists [2]."),
        ("An array [x] stays", "An array [x] stays"),
        ("Hi <NAME>,", "Hi <NAME>,"),
        ("Hi <FULL_NAME>,", "Hi,"),
    ],
)
def test_only_numbers_and_placeholders_that_exist_pass(raw: str, clean: str) -> None:
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
    each = CitationFilter(TWO)
    assert each.feed("five days [") == "five days"
    assert each.feed("2") == ""
    assert each.feed("].") == " [2]."


def test_dropped_numbers_are_remembered_for_the_record() -> None:
    each = CitationFilter(TWO)
    each.feed("so [4] and [5][1]")
    each.finish()
    assert each.dropped == [4, 5]


def test_stripping_takes_the_space_before_a_citation() -> None:
    assert strip_citations("Open Settings [1], then Billing [2][1].") == "Open Settings, then Billing."
