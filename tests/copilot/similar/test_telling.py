"""The essence of an answer, and answers that are the same."""

from copilot.similar import telling
from copilot.similar.telling import MOST_WORDS, essence

LONG = (
    "Thank you for the screenshot. The export has a limit of ten thousand rows for each file, so a longer one ends in "
    "the middle. Switch on streaming under Settings › Export. Then choose the years one after the other and press "
    "Start. You find the files below Downloads after some minutes, and an email tells you when they are ready. "
    "Files are deleted after seven days."
)


def test_the_essence_is_short_and_word_for_word() -> None:
    told = essence("Why does my export end in the middle?", LONG)
    assert len(told.split()) <= MOST_WORDS + 1
    assert "limit of ten thousand rows" in told and told.rstrip(" …") in LONG


def test_words_of_the_question_decide_which_sentence() -> None:
    assert "deleted after seven days" in essence("Are files deleted after seven days?", LONG)


def test_a_long_sentence_is_cut() -> None:
    told = essence("export", " ".join(f"word{number}" for number in range(90)))
    assert told.endswith(" …") and len(told.split()) <= MOST_WORDS + 1


def test_an_answer_without_a_sentence_is_told_as_it_is() -> None:
    assert essence("?", "Thanks!") == "Thanks!"


def same(one: str, other: str) -> bool:
    return telling.same(telling.gist(one), telling.gist(other))


def test_answers_are_the_same_but_for_a_few_words() -> None:
    assert same(LONG, LONG.replace("some minutes", "a few minutes").replace("Thank you for the screenshot. ", ""))
    assert not same(LONG, "Your invoices are under Billing. Download them there.")
    assert not same("Yes.", "No.")


def test_answers_with_other_numbers_or_a_not_are_not_the_same() -> None:
    assert not same("Refunds are possible within 30 days.", "Refunds are not possible within 30 days.")
    assert not same("Transfers take 14 days to arrive.", "Transfers take 30 days to arrive.")
    assert not same("Das geht nach dem Kauf.", "Das geht nicht nach dem Kauf.")
