"""What the model is asked about the evidence, and what it answers."""

import os

import pytest
from asgiref.sync import async_to_sync

from copilot import prompts
from copilot.drafting.pointing import PROMPT, Pointed, laid_out, point, point_in_context
from copilot.evidence.units import Kind
from copilot.llm import ModelError
from tests.copilot.conftest import unit
from tests.fakes import FakeModel, ListeningModel

UNITS = (
    unit(1, "It takes 5 days."),
    unit(1, "To see it:\n1. Open Cards.\n2. Select Pending.", Kind.STEPS),
    unit(1, "The bank decides.", heading=""),
    unit(2, "It is {never} collected.", heading=""),
)


def pointed(model: FakeModel, *questions: str) -> list[Pointed | None]:
    return async_to_sync(point)(UNITS, questions, model, "background")


def test_the_evidence_is_numbered_under_its_headings() -> None:
    assert laid_out(UNITS, prompts.load(PROMPT)).splitlines() == [
        "# Article 1 › Charges",
        "[1] It takes 5 days.",
        "[2] To see it:",
        "1. Open Cards.",
        "2. Select Pending.",
        "# Article 1",
        "[3] The bank decides.",
        "# Article 2",
        "[4] It is {never} collected.",
    ]


def test_a_heading_that_comes_again_is_said_again() -> None:
    said = laid_out([UNITS[0], UNITS[3], UNITS[0]], prompts.load(PROMPT))
    assert said.count("# Article 1 › Charges") == 2


def test_the_probabilities_are_those_of_the_digits() -> None:
    (found,) = pointed(FakeModel(points=[2]), "How long?")
    assert found is not None
    assert found.none == pytest.approx(0.001) and found.units == pytest.approx((0, 0.999, 0, 0))
    (nothing,) = pointed(FakeModel(points=()), "How long?")
    assert nothing is not None and nothing.none == pytest.approx(1)


def test_each_question_gets_its_own_answer() -> None:
    model = ListeningModel(by_word={"long": [1], "collected": [4]})
    long, collected = pointed(model, "How long does it take?", "Is it collected?")
    assert long is not None and collected is not None
    assert (long.units.index(max(long.units)), collected.units.index(max(collected.units))) == (0, 3)


def test_the_prompts_of_several_questions_begin_alike_with_the_evidence() -> None:
    model = FakeModel()
    pointed(model, "How long does it take?", "Is it collected?", "Which bank?")
    asked = [messages for messages, _ in model.checked]
    assert len(asked) == 3 and asked[0][:-1] == asked[1][:-1] == asked[2][:-1]
    shared = os.path.commonprefix([str(messages[-1]["content"]) for messages in asked])
    assert shared.endswith("[4] It is {never} collected.\n\nCustomer:\n")


def in_context(model: FakeModel, message: str, *questions: str) -> list[Pointed | None]:
    return async_to_sync(point_in_context)(UNITS, questions, message, model, "background")


def test_no_question_is_likelier_to_have_an_answer_than_the_whole_message() -> None:
    """ "And in which menu?" alone seems to ask for any menu."""
    both = "Can I change the melody? And in which menu?"
    (melody, menu) = in_context(ListeningModel(by_word={"melody": (), "menu": [2]}), both, "melody?", "in which menu?")
    assert melody is not None and menu is not None
    assert melody.none == pytest.approx(1) and menu.none == pytest.approx(1)
    assert menu.units.index(max(menu.units)) == 1


def test_of_two_questions_one_may_have_an_answer() -> None:
    both = "How long does it take? Is there a gift card?"
    long, card = in_context(ListeningModel(by_word={"long": [1], "card": ()}), both, "How long?", "A gift card?")
    assert long is not None and card is not None
    assert long.none == pytest.approx(0.001) and card.none == pytest.approx(1)


def test_a_message_with_one_question_is_asked_once() -> None:
    model = FakeModel(points=[1])
    in_context(model, "Hello, how long does it take?", "Hello, how long does it take?")
    assert len(model.checked) == 1


def test_a_server_without_logprobs_says_nothing() -> None:
    assert pointed(FakeModel(logprobs=False), "How long?", "Which bank?") == [None, None]


def test_a_model_that_fails_is_an_error() -> None:
    with pytest.raises(ModelError):
        pointed(FakeModel(error=ModelError("unavailable", "The model is not running.", retryable=True)), "How long?")


def test_if_one_of_several_questions_fails_that_is_the_error() -> None:
    class Tired(FakeModel):
        async def first_token(self, *args: object) -> object:  # type: ignore[override]
            if len(self.checked) == 1:
                self.error = ModelError("timeout", "The model took too long.", retryable=True)
            return await super().first_token(*args)  # type: ignore[arg-type]

    with pytest.raises(ModelError, match="too long"):
        pointed(Tired(), "How long?", "Which bank?", "Is it free?")
