"""Asks the model whether the source states each sentence of a draft."""

from collections.abc import Sequence

from config import catalogue
from copilot import calls, prompts
from copilot.calls import ModelRequest, Purpose
from copilot.grounding import weights
from copilot.grounding.weights import Weights
from copilot.llm import Model, Priority
from copilot.models import Draft

PROMPT = "verify-1"


async def probabilities(
    claims: Sequence[str], source: str, model: Model, priority: Priority, draft: Draft | None = None
) -> list[float | None]:
    """The probability of "yes" for each claim, 0 to 1; None if the server gives no logprobs. Raises ModelError.

    All claims are asked at the same time: the server reads what they share once. Without a draft it is a measurement
    and not recorded.
    """
    asked = [_question(claim, source, draft) for claim in claims]
    return await calls.yes_or_nos(asked, model, priority)


def weights_of_writer() -> Weights | None:
    """None for a writer that we do not know, and for a writer or a prompt that nobody measured."""
    return weights.of_writer(catalogue.known_writer()) if prompts.is_as_shipped(PROMPT) else None


def _question(claim: str, source: str, draft: Draft | None) -> ModelRequest:
    prompt = prompts.load(PROMPT)
    messages = prompt.messages("stated", source=source, claim=claim)
    return ModelRequest(Purpose.VERIFY, prompt.version, messages, draft=draft, recorded=draft is not None)
