"""What was asked on a ticket and which reply solved it, from its messages alone."""

import pytest

from copilot.similar.solving import Said, asked, solved

QUESTION = "c: My export stops at ten thousand rows. What can I do?"
ANSWER = (
    "a: Please switch on streaming under Settings › Export and start the export again; the file then has every row."
)
OTHER = "a: The limit is ten thousand rows for each file; use filters to export the years one after the other."


def thread(*messages: str) -> list[Said]:
    by = {"c": "customer", "a": "agent"}
    return [Said(at, by[text[0]], text[3:]) for at, text in enumerate(messages)]  # type: ignore[arg-type]


def solved_by(*messages: str) -> int | None:
    found = solved(thread(*messages))
    return found.by.message if found else None


def test_what_the_customer_wrote_before_our_first_reply_was_asked() -> None:
    said = thread(QUESTION, "c: It is the file of March.", ANSWER, "c: Another question.")
    assert [each.message for each in asked(said)] == [0, 1]


def test_where_we_wrote_first_the_customers_answer_was_asked() -> None:
    assert [each.message for each in asked(thread("a: Welcome!", QUESTION, ANSWER))] == [1]


def test_a_ticket_without_a_word_of_the_customer_asks_nothing() -> None:
    assert asked(thread(ANSWER)) == [] and solved_by(ANSWER) is None


def test_the_last_reply_solved_it() -> None:
    assert solved_by(QUESTION, ANSWER, "c: And what is the limit?", OTHER) == 3


@pytest.mark.parametrize(
    "last",
    [
        "a: Glad to hear that! Have a nice day.",
        "a: You're welcome. I'm closing this ticket now.",
        "a: Thanks for letting me know, Tomas.",
        "a: Could you tell me which browser you use?",
        "a: Please send me a screenshot of the message.",
        "a: I have passed this to our engineers and will get back to you tomorrow.",
        "a: Gern geschehen! Ich schließe das Ticket.",
        "a: Wir haben Ihre Frage weitergeleitet und melden uns in Kürze.",
        "a: De nada, que tenga un buen día.",
        "a: Je transmets votre demande et je reviens vers vous demain.",
        "a: Graag gedaan, prettige dag!",
    ],
)
def test_a_reply_that_asks_back_or_only_thanks_or_promises_does_not_count(last: str) -> None:
    assert solved_by(QUESTION, ANSWER, "c: ok", last) == 1
    assert solved_by(QUESTION, last) is None


def test_an_answer_that_also_asks_something_counts() -> None:
    assert solved_by(QUESTION, ANSWER + " Did that help?") == 1


def test_a_short_answer_counts_if_there_is_no_longer_one() -> None:
    short = "a: Your invoice was credited, 3 days."
    assert (solved_by(QUESTION, short), solved_by(QUESTION, ANSWER, short)) == (1, 1)


def test_without_a_reply_nothing_was_solved() -> None:
    """Spam, a merged ticket, one that was closed because it was a duplicate."""
    assert solved_by(QUESTION) is None and solved_by() is None


@pytest.mark.parametrize(
    "word",
    [
        "c: It still doesn't work.",
        "c: Thanks, but I get the same error again.",
        "c: Geht leider immer noch nicht.",
        "c: Sigue sin funcionar.",
        "c: Ça ne marche toujours pas.",
        "c: Werkt nog steeds niet.",
        "c: No luck. Thanks anyway.",
    ],
)
def test_a_reply_after_which_it_still_failed_solved_nothing(word: str) -> None:
    assert solved_by(QUESTION, ANSWER, word) is None
    assert solved_by(QUESTION, ANSWER, word, "a: Which browser do you use?", "c: Firefox") is None


def test_a_later_reply_counts_instead() -> None:
    assert solved_by(QUESTION, ANSWER, "c: It still fails, I get the same error.", OTHER) == 3


def test_it_may_have_helped_in_the_end() -> None:
    found = solved(thread(QUESTION, ANSWER, "c: It still doesn't work.", "c: Sorry, my mistake. It works now!"))
    assert found and (found.by.message, found.confirmed) == (1, True)


@pytest.mark.parametrize(
    "word",
    [
        "c: Thanks!",
        "c: It works again, thank you.",
        "c: Thanks again\n\nTomas",
        "c: That was it.",
        "c: Super, hat geklappt!",
        "c: Ya funciona, gracias.",
        "c: C'était exactement ça. Merci !",
        "c: Het werkt, bedankt.",
    ],
)
def test_the_customer_confirmed_it(word: str) -> None:
    found = solved(thread(QUESTION, ANSWER, word))
    assert found and found.confirmed


@pytest.mark.parametrize("word", ["c: And one more thing: where is my invoice?", "c: Ok.\nI wait.", "c: I will try."])
def test_other_words_confirm_nothing_and_deny_nothing(word: str) -> None:
    found = solved(thread(QUESTION, ANSWER, word))
    assert found and not found.confirmed


def test_thanks_before_the_reply_confirm_nothing() -> None:
    found = solved(thread(QUESTION + "\n\nThanks!", ANSWER))
    assert found and not found.confirmed
