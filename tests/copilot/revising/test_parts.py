"""The text of the composer in parts: what is revised, what is left alone, and how it is put together again."""

from itertools import pairwise

import pytest

from copilot.revising.parts import cut, is_greeting, joined, places, reworded, without_parts
from tests.copilot.revising.conftest import doc

REPLY = (
    "Hi Tomas,\n\nIt takes 5 days [1]. The bank decides [2].\n\n"
    "To change the card [3]:\n1. Open Settings › Billing.\n2. Save.\n\nKind regards,\nMira"
)


@pytest.mark.parametrize(
    "text",
    [
        REPLY,
        "",
        "  \n",
        "One sentence",
        "Hi,\nall in one line after it. And more.\n\n\n  Ends with space \n",
        "> They wrote this.\n\nYes [1].",
        "お客様\n\n5日かかります[1]。銀行が決めます[2]。",
        "```\ncode here\n```\nDone.",
        "Hallo Lena,\n\nz. B. am 3. Mai um 10 Uhr [1].\n\nViele Grüße\nMira",
    ],
)
def test_joined_again_it_is_the_same_text(text: str) -> None:
    parts = cut(doc(text))
    assert joined(parts) == doc(text)
    assert [text[start:end] for start, end in places(parts)] == [part.shown for part in parts]


def test_sentences_and_points_are_parts_and_greeting_and_closing_are_fixed() -> None:
    parts = cut(doc(REPLY))
    revised = ["It takes 5 days.", "The bank decides.", "To change the card:", "Open Settings › Billing."]
    assert [part.text for part in parts if not part.fixed] == revised
    assert [part.text for part in parts if part.fixed] == ["Hi Tomas,", "Save.", "Kind regards,", "Mira"]
    assert [part.prefix for part in parts if part.prefix] == ["1. ", "2. "]


@pytest.mark.parametrize(
    "line", ["Hi Tomas,", "Guten Tag,", "Hola, Tomas:", "Здравствуйте!", "안녕하세요.", "Hej Tomas"]
)
def test_a_greeting(line: str) -> None:
    assert is_greeting(line)


@pytest.mark.parametrize(
    "line", ["It works now.", "", "1. Open Settings", "This is a line with very many words in it,"]
)
def test_no_greeting(line: str) -> None:
    assert not is_greeting(line)


def test_the_citation_stays_before_the_end_of_a_reworded_sentence() -> None:
    first, *_ = cut(doc("It takes five days [1][2]."))
    again = reworded(first, "Five days it takes!")
    assert again.shown == "Five days it takes [1][2]!"
    assert [again.shown[mark.at : mark.at + 3] for mark in again.marks] == ["[1]", "[2]"]
    lead = cut(doc(REPLY))[3]
    assert reworded(lead, "For another card:").shown == "For another card [3]:"
    assert reworded(cut(doc("5日かかります[1]。"))[0], "5日です。").shown == "5日です[1]。"


def test_a_part_that_goes_leaves_no_gap_and_joins_no_paragraphs() -> None:
    parts = cut(doc(REPLY))
    one_less = joined(without_parts(parts, [1]))
    assert one_less.text.startswith("Hi Tomas,\n\nThe bank decides [2].\n\nTo change")
    assert joined(without_parts(parts, [2])).text.startswith("Hi Tomas,\n\nIt takes 5 days [1].\n\nTo change")
    assert joined(without_parts(parts, [1, 2])).text.startswith("Hi Tomas,\n\nTo change the card [3]:\n1. Open")
    assert all(one.at < other.at for one, other in pairwise(one_less.marks))
