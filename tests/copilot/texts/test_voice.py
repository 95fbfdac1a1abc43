"""How replies begin and end, as leads want it: only around what the articles say, and only once the reply is whole."""

import pytest

from copilot.drafting.answering import Asked
from copilot.drafting.composing import greeting, opened
from copilot.evidence.gathering import Evidence
from copilot.grounding.verdicts import Support
from copilot.texts import active
from tests.copilot.conftest import unit
from tests.copilot.drafting.test_answering import FOUND, all_replies
from tests.copilot.texts.conftest import changed, put_into_use, saved
from tests.fakes import FakeModel

SORRY, THANKS, BYE = "I looked for an answer.", "Thank you for writing.", "Kind regards\nYour team"


def use(language: str, **words: str) -> None:
    """Put it into use; this process knows at once."""
    put_into_use("voice", saved("voice", changed("voice", lambda voice: voice[language].update(words))).number)
    active.look()


@pytest.fixture
def voiced(db: None) -> None:
    use("en", opening=THANKS, insisted=SORRY, closing=BYE)


def asked(language: str = "en", **fields: object) -> Asked:
    evidence = Evidence(("Warum?",), (unit(1, "It takes 5 days."), unit(1, "The bank decides.")), FOUND)
    return Asked("Warum?", language, evidence, **({"least": 0.5} | fields))  # type: ignore[arg-type]


def test_greeting_opening_answer_closing(voiced: None) -> None:
    reply = all_replies(asked(known={"NAME"}), FakeModel(points=(1,)))[-1]
    assert reply.text == f"Hi <NAME>,\n\n{THANKS}\n\nIt takes 5 days [1].\n\n{BYE}"
    (sentence,) = reply.sentences
    assert reply.text[sentence.start : sentence.end] == "It takes 5 days [1]."
    assert sentence.verdict.support == Support.SUPPORTED


def test_where_nothing_answers_and_an_agent_insists_it_opens_otherwise(voiced: None) -> None:
    reply = all_replies(asked(insisted=True), FakeModel(points=()))[-1]
    assert reply.text.startswith(f"Hi,\n\n{SORRY}\n\n")
    assert all_replies(asked(insisted=True), FakeModel(points=(1,)))[-1].text.startswith(f"Hi,\n\n{THANKS}\n\n")


def test_without_words_of_its_own_the_usual_sentence_opens(db: None) -> None:
    use("en", opening=THANKS)
    assert opened("en", (), insisted=True) == f"Hi,\n\n{THANKS}"


def test_another_language_keeps_its_own_words(voiced: None) -> None:
    assert opened("de", (), insisted=True) == greeting("de", ()) == "Guten Tag,"


def test_while_a_translation_streams_the_closing_waits(db: None) -> None:
    """Otherwise a page would have to take back what it shows already."""
    use("de", closing="Viele Grüße")
    _own, own, *streamed, last = all_replies(asked("de"), FakeModel("Es dauert 5 Tage.", points=(1,)))
    assert own.text.endswith("\n\nViele Grüße") and last.text.endswith("[1].\n\nViele Grüße")
    assert streamed and not any("Viele Grüße" in reply.text for reply in streamed)
    texts = [reply.text for reply in [*streamed, last]]
    assert all(after.startswith(before) for before, after in zip(texts, texts[1:], strict=False))


def test_nothing_is_said_where_nothing_answers(voiced: None) -> None:
    assert all_replies(asked(), FakeModel(points=()))[-1].text == ""
