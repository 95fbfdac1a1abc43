"""Without a model the summary is made of the own words of those who wrote."""

from hypothesis import given as generated
from hypothesis import strategies as st

from copilot.summaries import quoted
from tests.copilot.summaries.conftest import ASKED, EXPORT, FAILED, TRIED, in_own_words, texts, thread


def test_it_quotes_what_was_asked_tried_and_failed() -> None:
    lines = quoted.lines(thread(*EXPORT))
    assert texts(lines, ASKED) == [
        "I need all invoices of 2025 as PDF, but the export button is greyed out.",
        "How do I get them?",
        "Can somebody send them to me?",
    ]
    assert texts(lines, TRIED) == ["Please open Billing › Invoices, choose the year 2025 and select Export all."]
    assert texts(lines, FAILED) == ["I ticked all 14 invoices and the button is still grey."]
    assert not any(line.written for line in lines)
    assert [line.messages for line in lines] == [(1,), (1,), (3,), (2,), (3,)]


def test_a_question_that_refers_back_is_quoted_with_the_sentence_before() -> None:
    lines = quoted.lines(thread("c: My card was charged in March. My bank says twice. Is that right?"))
    assert texts(lines, ASKED)[-1] == "My bank says twice. Is that right?"


def test_without_a_question_the_wish_is_quoted() -> None:
    lines = quoted.lines(thread("c: I moved to Leeds. Please change the address on my invoices to the new one."))
    assert texts(lines, ASKED) == ["Please change the address on my invoices to the new one."]


def test_a_repeated_question_is_quoted_once() -> None:
    lines = quoted.lines(thread("c: When does the parcel come?", "a: Soon.", "c: When does the parcel come?"))
    assert texts(lines, ASKED) == ["When does the parcel come?"]


def test_nothing_failed_before_a_reply_of_ours() -> None:
    given = thread("c: It fails. Why?", "n: Called, nobody there.", "c: It still fails.")
    assert texts(quoted.lines(given), FAILED) == []
    assert "It still fails." in texts(quoted.lines(given), ASKED)


def test_thanks_and_success_are_no_failure() -> None:
    given = thread("c: How?", "a: Open Settings.", "c: Thank you for your help!", "c: It works now.")
    assert texts(quoted.lines(given), FAILED) == []


def test_regret_is_not_what_was_tried() -> None:
    given = thread("c: It broke.", "a: I am sorry for the trouble. Please restart the app.")
    assert texts(quoted.lines(given), TRIED) == ["Please restart the app."]


def test_each_section_has_few_lines() -> None:
    messages = ["c: Why? How? When? Who pays for the second delivery? What does the courier say about that?"]
    for number in range(9):
        messages += [f"a: Please restart router {number}.", f"c: Router {number} is still not there."]
    lines = quoted.lines(thread(*messages))
    assert [len(texts(lines, about)) for about in (ASKED, TRIED, FAILED)] == [3, 3, 3]
    assert texts(lines, FAILED)[-1] == "Router 8 is still not there."


def test_open_questions_are_those_since_our_last_reply() -> None:
    assert quoted.open_questions(thread(*EXPORT)) == ["Can somebody send them to me?"]
    assert quoted.open_questions(thread(*EXPORT[:1])) == ["How do I get them?"]
    assert quoted.open_questions(thread(*EXPORT[:2])) == []
    assert quoted.open_questions(thread("c: Who pays?", "n: No idea.")) == ["Who pays?"]


def test_an_empty_thread_has_no_lines() -> None:
    assert quoted.lines(thread()) == [] and quoted.open_questions(thread()) == []


@generated(st.lists(st.tuples(st.sampled_from("can"), st.text(max_size=80)), max_size=8))
def test_whatever_people_write_lines_are_their_words(messages: list[tuple[str, str]]) -> None:
    given = thread(*(f"{by}:{text}" for by, text in messages))
    assert in_own_words(quoted.lines(given), given)
