"""What is revised by rules and texts of ours: it works without a model and can invent nothing."""

import pytest

from copilot import voice
from copilot.grounding.promises import promises
from copilot.grounding.verdicts import Support, Verdict
from copilot.revising import details, phrases
from copilot.revising.revising import Step
from tests.copilot.revising.conftest import Action, asked, result, sources
from tests.fakes import FakeModel

ANSWER = "Hi Tomas,\n\nIt takes 5 days until the bank shows it [1].\n\nKind regards,\nMira"


def warmer(text: str, message: str, language: str = "en") -> Step:
    return result(asked(Action.WARMER, text, message=message, language=language))


def test_warmer_adds_regret_before_and_an_offer_behind_the_answer_once() -> None:
    step = warmer(ANSWER, "This is the third time that I write!!")
    assert step.doc.text == (
        "Hi Tomas,\n\nI am sorry for the trouble and the time this has cost you.\n\n"
        "It takes 5 days until the bank shows it [1].\n\n"
        "If anything is still unclear, just reply to this message.\n\nKind regards,\nMira"
    )
    assert [mark.number for mark in step.doc.marks] == [1]
    assert warmer(step.doc.text, "This is the third time that I write!!").doc.text == step.doc.text


@pytest.mark.parametrize(
    ("message", "mood"),
    [
        ("I am very disappointed, I was charged twice.", "upset"),
        ("Das Hochladen funktioniert nicht.", "trouble"),
        ("I love the new calendar. How do I share it?", "kind"),
        ("How do I share a calendar?", "question"),
    ],
)
def test_the_mood_of_the_message_decides(message: str, mood: str) -> None:
    assert phrases.mood(message) == mood
    assert phrases.phrases()["en"][mood] in warmer(ANSWER, message).doc.text


@pytest.mark.parametrize("language", sorted(phrases.phrases()))
def test_every_language_has_every_phrase_and_none_promises_anything(language: str) -> None:
    said = phrases.phrases()[language]
    assert said.keys() == phrases.phrases()["en"].keys()
    assert language.partition("-")[0] in voice.shipped().words
    assert [list(promises(text, "")) for text in said.values() if list(promises(text, ""))] == []
    assert {*details.NEEDED, "plan"} <= said.keys()


def test_the_form_of_address_of_the_reply_is_kept() -> None:
    step = warmer("Hallo Tim,\n\nDu brauchst weiterhin deinen Code.", "Wie ändere ich das?", "de")
    assert "Vielen Dank für deine Nachricht." in step.doc.text and "antworte einfach" in step.doc.text
    assert "Vielen Dank für Ihre Nachricht." in warmer("Warten Sie bitte.", "Wie ändere ich das?", "de").doc.text


def test_what_a_message_lacks_is_asked_for() -> None:
    assert details.missing("The page shows an error when I log in.", [], "Studio") == ["error", "browser", "when"]
    whole = 'Since yesterday the page shows "Something went wrong" in Firefox.'
    assert details.missing(whole, [], "Studio") == []
    assert details.missing("Where is my parcel?", [], "Studio") == ["order"]
    assert details.missing("Where is my order 48213?", [], "Studio") == []
    assert details.missing("How do I invite people?", ["On the Team plan you can invite 10 people."], "") == ["plan"]
    assert details.missing("How do I invite people?", ["On the Team plan you can invite 10 people."], "Team") == []


def test_the_question_stands_before_the_closing_and_is_asked_once() -> None:
    step = result(asked(Action.ASK, ANSWER, message="Where is my parcel?", plan="Solo"))
    assert step.doc.text == (
        "Hi Tomas,\n\nIt takes 5 days until the bank shows it [1].\n\n"
        "So that we can look into this, please send us:\n- the order number\n\nKind regards,\nMira"
    )
    again = result(asked(Action.ASK, step.doc.text, message="Where is my parcel?", plan="Solo"))
    assert again.doc.text == step.doc.text


def test_without_a_text_the_question_is_the_reply() -> None:
    step = result(asked(Action.ASK, "", message="Wo ist mein Paket?", language="de", known=["NAME"]))
    assert step.doc.text == (
        "Hallo Tomas,\n\nDamit wir uns das ansehen können, schicken Sie uns bitte:\n- die Bestellnummer"
    )


def test_shorter_leaves_out_repetitions_and_what_stands_in_brackets() -> None:
    text = (
        "It takes 5 days until the bank shows it (our customers know this by now). The bank decides (within 3 days). "
        "It takes 5 days until the bank shows it. The bank decides on its own about each payment."
    )
    model = FakeModel()
    step = result(asked(Action.SHORTER, text, model))
    assert step.doc.text == (
        "It takes 5 days until the bank shows it. The bank decides (within 3 days). "
        "The bank decides on its own about each payment."
    )
    assert model.asked == []


def test_shorter_leaves_out_what_answers_no_question_best() -> None:
    text = "Hi,\n\nIt takes 5 days [1].\n\nYou can change the card at any time [2]."
    resting = sources("It takes 5 days.", "You can change the card at any time.")
    weak = resting | sources("It takes 5 days.", "You can change the card at any time.", share=0.1, needed=False)
    weak[7, 1] = resting[7, 1]
    assert result(asked(Action.SHORTER, text, sources=weak)).doc.text == "Hi,\n\nIt takes 5 days [1]."
    assert result(asked(Action.SHORTER, text, sources=weak, selection=(0, 8))).doc.text == text


def test_all_of_a_text_is_never_left_out() -> None:
    weak = sources("It takes 5 days.", share=0.1, needed=False)
    assert result(asked(Action.SHORTER, "It takes 5 days [1].", sources=weak)).doc.text == "It takes 5 days [1]."


def test_greetings_phrases_and_the_draft_s_own_translations_are_translated_without_the_model() -> None:
    text = "Hallo Tomas,\n\nVielen Dank für Ihre Nachricht.\n\nEs dauert 5 Tage [1]."
    weak = Verdict(Support.WEAK, 0, "not_sure")
    known = sources("It takes 5 days.", said="Es dauert 5 Tage.", verdict=weak)
    model = FakeModel()
    step = result(asked(Action.TRANSLATE, text, model, language="de", target="en", sources=known, known=["NAME"]))
    assert step.doc.text == "Hi Tomas,\n\nThank you for your message.\n\nIt takes 5 days [1]."
    assert [verdict.support for *_, verdict in step.checked] == [Support.SUPPORTED] and model.asked == []
