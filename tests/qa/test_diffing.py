"""The word diff of an edited draft."""

from hypothesis import given
from hypothesis import strategies as st

from qa.pages.diffing import Piece, word_diff


def test_names_what_went_and_what_came() -> None:
    assert word_diff("Hello Tomas, it works [1].", "Hello Tomas, it really works.") == [
        Piece("same", "Hello Tomas, it "),
        Piece("new", "really "),
        Piece("same", "works."),
    ]


def test_brackets_that_an_agent_typed_are_new_words() -> None:
    pieces = word_diff("It works [1].", "It works, see items[12].")
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == "It works, see items[12]."


def test_line_breaks_alone_are_no_edit() -> None:
    assert [piece.kind for piece in word_diff("One.\n\nTwo.", "One.\nTwo.")] == ["same"]


@given(st.text(alphabet="ab \n", max_size=40), st.text(alphabet="ab \n", max_size=40))
def test_pieces_make_up_the_reply(draft: str, sent: str) -> None:
    pieces = word_diff(draft, sent)
    assert "".join(piece.text for piece in pieces if piece.kind != "gone") == sent.strip()


def test_very_long_texts_are_not_compared() -> None:
    assert [piece.kind for piece in word_diff("a " * 2000, "b " * 2000)] == ["gone", "new"]
