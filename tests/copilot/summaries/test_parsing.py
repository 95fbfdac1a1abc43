"""Which lines of an answer are read. Whatever the model writes, nothing is raised."""

import pytest
from hypothesis import given as generated
from hypothesis import settings
from hypothesis import strategies as st

from copilot.summaries import checks
from copilot.summaries.parts import MOST, parts
from tests.copilot.summaries.conftest import ASKED, EXPORT, TRIED, in_own_words, summed_up, thread
from tests.growth import assert_linear

WORDS = st.sampled_from(
    [
        "ASKED",
        "TRIED:",
        "FAILED:",
        "ASKED: How do I get them?",
        "[1]",
        "[2]",
        "[99999]",
        "[1, 2]",
        "[",
        "]",
        "\n",
        "not",
    ]
)


def test_a_line_names_a_part_of_its_kind() -> None:
    found = parts(thread(*EXPORT))
    claim = checks.claim("ASKED: How do I get all invoices? [1]", found, "en")
    assert claim is not None and (claim.about, claim.text) == (ASKED, "How do I get all invoices?")
    assert [each.number for each in claim.sentences] == [1, 2]


@pytest.mark.parametrize(
    "line",
    [
        "ASKED: How do I get them?",
        "ASKED: How do I get them? []",
        "ASKED: How do I get them? [0]",
        "ASKED: How do I get them? [4]",
        "ASKED: How do I get them? [1, 2]",
        "ASKED: How do I get them? [1-3]",
        "ASKED: How do I get them? [2]",  # our part
        "TRIED: I ticked all 14 invoices [3]",  # the customer's part
        "FAILED: Please open Billing › Invoices [2]",
        "FAILED: The export button is greyed out [1]",  # before any reply
        "WORKED: Select Export all [2]",
        "ASKED: [1]",
        "ASKED: ... [1]",
        "",
    ],
)
def test_other_lines_are_not_read(line: str) -> None:
    assert checks.claim(line, parts(thread(*EXPORT)), "en") is None


def test_a_number_on_a_line_of_its_own_belongs_to_the_line_before() -> None:
    given = thread("c: Where is it?", "a: Please open Billing › Invoices, choose the year 2025 and select Export all.")
    lines = summed_up(given, "TRIED: Open Billing › Invoices, choose 2025, select Export all", "[2]")
    assert [(line.about, line.written) for line in lines][0] == (TRIED, True)


def test_notes_and_replies_are_parts_of_their_own_and_the_oldest_in_the_middle_are_left_out() -> None:
    assert len(parts(thread("c: Why?", "a: Because of it.", "n: Called the bank.", "c: It fails."))) == 4
    many = thread(*(f"{'ca'[number % 2]}: This is message {number}." for number in range(20)))
    found = parts(many)
    assert len(found) == MOST
    assert [part.sentences[0].number for part in found] == [1, 15, 16, 17, 18, 19, 20]


def test_only_numbers_of_parts_stand_in_brackets() -> None:
    assert parts(thread("c: Row [3] TRIED is empty."))[0].text == "Row (3) TRIED is empty."


@settings(max_examples=60)
@generated(st.lists(st.one_of(WORDS, st.text(max_size=30)), max_size=20))
def test_whatever_the_model_writes_nothing_is_raised(pieces: list[str]) -> None:
    given = thread(*EXPORT)
    lines = summed_up(given, " ".join(pieces), yes=0.01)
    assert lines and in_own_words([line for line in lines if not line.written], given)


@pytest.mark.parametrize("piece", ["a", " ", "[1] ", "[", "ASKED: ", "- ", ". "])
def test_reading_a_line_takes_linear_time(piece: str) -> None:
    assert_linear(lambda text: checks.claim(text, [], "en"), lambda size: f"ASKED: x{piece * (size // len(piece))}!")
