"""What is searched for a message: no greeting and thanks, its questions one by one, and the history."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.search.questions import PARTS_LIMIT, QUERY_LIMIT, essence, one_line, read, split


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Hi,\nhow do I export?\nThanks, Ben", "how do I export?"),
        ("Dear support team, where is it?\n\nBest regards\nAnna Maria K.", "where is it?"),
        ("Export fails\nHello there,\nit says no.\nCheers", "Export fails\n\nit says no."),
        ("Guten Tag, wo ist es?\nViele Grüße", "wo ist es?"),
        ("Bonjour,\ncomment payer ?\nMerci beaucoup, Élodie", "comment payer ?"),
        ("Hola, ¿cómo pago?\nSaludos cordiales", "¿cómo pago?"),
        ("Where?\nMany thanks in advance, Dr. O'Neil\nphone 123", "Where?"),
    ],
)
def test_politeness_is_not_searched(said: str, meant: str) -> None:
    assert essence(said) == meant


@pytest.mark.parametrize("said", ["Thanks for the help\nHow do I export?", "Hello", "Thank you!", "Best plan for two?"])
def test_what_only_looks_like_politeness_stays(said: str) -> None:
    assert essence(said) == said


def test_two_questions_are_two_searches_each_with_what_stood_before_it() -> None:
    said = "I was charged twice. How long is a charge pending? Also, where do I export all bookings?"
    assert split(said) == (
        "I was charged twice. How long is a charge pending?",
        "Also, where do I export all bookings?",
    )


@pytest.mark.parametrize(
    "said",
    [
        "How do I cancel a subscription? And when?",
        "I was charged twice for one subscription.",
        "Where is my invoice? Where is my refund? Where is my export? Where is my booking calendar?",
    ],
)
def test_follow_ups_statements_and_long_lists_are_one_search(said: str) -> None:
    assert split(said) == ()


@pytest.mark.parametrize("subject", ["ibuprofen?", "where do we sleep?", "CSV too big???", "¿reparáis calderas?"])
def test_a_short_question_that_opens_a_mail_is_no_question_of_its_own(subject: str) -> None:
    """It is its subject: alone it says too little to be answered."""
    said = f"{subject}\nA pipe burst on the landing. Do you pay for a hotel, and up to what amount per night?"
    assert split(said) == ()
    assert read(said).searches[0].brief.startswith(subject)


def test_a_question_within_a_conversation_is_searched_with_it_but_reranked_with_less() -> None:
    asked = read("And what does it cost?", [f"turn {number}" for number in range(1, 9)])
    assert asked.in_conversation
    assert asked.whole.text == "And what does it cost? turn 1 turn 2 turn 3 turn 4 turn 5 turn 6"
    assert asked.whole.brief == "And what does it cost? turn 1 turn 2"


def test_an_empty_message_searches_nothing() -> None:
    assert read("  \n ").searches == ()


def test_a_long_line_is_cut_between_words() -> None:
    line = one_line("word " * 1000)
    assert len(line) <= QUERY_LIMIT
    assert line.endswith("word")


@given(st.text(max_size=3000), st.lists(st.text(max_size=200), max_size=8))
def test_whatever_is_written_something_bounded_is_searched(said: str, history: list[str]) -> None:
    asked = read(said, history)
    assert len(asked.searches) <= PARTS_LIMIT
    for each in asked.searches:
        assert each.text.strip() and len(each.text) <= QUERY_LIMIT
        assert "\n" not in each.text and "\x00" not in each.text
