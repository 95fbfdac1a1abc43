"""What the model is asked about a draft's sentences."""

import asyncio
import math
from collections.abc import Sequence
from typing import Any

import pytest

from copilot.grounding import checking
from copilot.grounding.verdicts import BothWays
from copilot.llm import ChatMessage, FirstToken, ModelError, Priority
from tests.fakes import FakeModel

SOURCE = "Returns: Shoes can be returned within 30 days if they have not been worn."


class Answering(FakeModel):
    """Answers only once as many questions are asked as there are: two for each claim."""

    def __init__(self, claims: int, fails: str = "") -> None:
        super().__init__()
        self.waiting = asyncio.Barrier(2 * claims)
        self.fails = fails

    async def first_token(self, messages: Sequence[ChatMessage], priority: Priority) -> FirstToken:
        if self.fails and self.fails in messages[-1]["content"]:
            raise ModelError("refused", "The model is busy.", retryable=True)
        await self.waiting.wait()
        _, _, claim = messages[-1]["content"].partition("Claim:")
        answers = {"Shoes can": 0.2, "Socks cannot": 0.3, "shoes": 0.9}
        yes = next((share for word, share in answers.items() if word in claim), 0.1)
        return FirstToken((("Yes", math.log(yes)), ("No", math.log(1 - yes))))


async def test_the_claims_of_a_draft_are_asked_at_the_same_time_and_answered_in_their_order() -> None:
    units = ["Shoes can be returned.", "Socks cannot."]
    found = await checking.both_ways(["30 days for shoes.", "Socks too."], SOURCE, units, Answering(2), "interactive")
    approx = [(round(each.stated, 3), round(each.states, 3)) for each in found if each]
    assert approx == [(0.9, 0.2), (0.1, 0.3)]


async def test_each_claim_is_asked_whether_it_states_its_unit() -> None:
    model, units = FakeModel(), ["Socks cannot be returned.", "Shoes can be returned within 30 days."]
    claim = "You can return shoes within 30 days."
    own = checking.unit_of(claim, units, same_language=True)
    await checking.both_ways([claim], "\n".join(units), [own], model, "interactive")
    there, back = (messages[-1]["content"] for messages, _ in model.checked)
    assert "Socks" in there and f"Claim: {claim}" in there
    assert f"Source:\n{claim}" in back and f"Claim: {units[1]}" in back


async def test_a_translation_of_one_of_several_units_is_asked_one_way() -> None:
    """Its words do not say which one."""
    model, claim = FakeModel(yes=0.8), "Schuhe nehmen wir 30 Tage lang zurück."
    own = checking.unit_of(claim, ["Shoes: 30 days.", "Socks: never."], same_language=False)
    assert own == "" and checking.unit_of(claim, ["Shoes: 30 days."], same_language=False) == "Shoes: 30 days."
    found = await checking.both_ways([claim], SOURCE, [own], model, "interactive")
    assert found == [BothWays(pytest.approx(0.8), pytest.approx(0.8))] and len(model.checked) == 1


async def test_one_failure_ends_all() -> None:
    with pytest.raises(ModelError):
        await checking.both_ways(
            ["Shoes.", "Socks."], SOURCE, [SOURCE, SOURCE], Answering(2, fails="Socks"), "interactive"
        )


async def test_a_server_without_logprobs_says_nothing() -> None:
    assert await checking.both_ways(["Shoes."], SOURCE, [SOURCE], FakeModel(logprobs=False), "background") == [None]


async def test_the_model_reads_what_the_weights_were_fitted_with() -> None:
    model = FakeModel()
    await checking.both_ways(["You have 30 days."], SOURCE, [SOURCE], model, "interactive")
    (messages, _), _ = model.checked
    assert len(messages) == 12 and messages[0]["role"] == "system"
    assert [each["content"] for each in messages if each["role"] == "assistant"] == ["Yes", "No", "No", "Yes", "No"]
    assert messages[-1]["content"] == (
        f"Source:\n{SOURCE}\n\nClaim: You have 30 days.\n\nDoes the source state the claim? Yes or No."
    )


def test_only_our_own_measured_writer_has_weights(settings: Any) -> None:
    settings.LLM_EMBEDDED, settings.COPILOT_MODEL = True, "qwen2.5-coder-1.5b-instruct"
    assert checking.weights_of_writer() is not None
    settings.COPILOT_MODEL = "smollm2-135m-instruct"
    assert checking.weights_of_writer() is None
    settings.LLM_EMBEDDED, settings.COPILOT_MODEL = False, "qwen2.5-coder-1.5b-instruct"
    assert checking.weights_of_writer() is None
