"""Asks the model whether the source states each sentence of a draft, and whether that states the source in turn."""

from collections.abc import Sequence

from config import catalogue
from copilot import calls, prompts
from copilot.calls import ModelRequest, Purpose
from copilot.grounding import weights
from copilot.grounding.alignment import closest
from copilot.grounding.verdicts import BothWays
from copilot.grounding.weights import Weights
from copilot.llm import Model, Priority
from copilot.models import Draft

PROMPT = "verify-1"


async def both_ways(
    claims: Sequence[str],
    source: str,
    units: Sequence[str],
    model: Model,
    priority: Priority,
    draft: Draft | None = None,
) -> list[BothWays | None]:
    """What the model says of each claim; None if the server gives no logprobs. Raises ModelError.

    `units`: those that the source consists of. Everything is asked at the same time: the server reads what the
    questions share once. Without a draft it is a measurement and not recorded.
    """
    nearest = [closest(claim, units).unit for claim in claims]
    there = [_question(claim, source, draft) for claim in claims]
    back = [
        _question(units[at] if at is not None else source, claim, draft)
        for claim, at in zip(claims, nearest, strict=True)
    ]
    found = await calls.yes_or_nos([*there, *back], model, priority)
    pairs = zip(found[: len(claims)], found[len(claims) :], strict=True)
    return [None if stated is None or states is None else BothWays(stated, states) for stated, states in pairs]


def weights_of_writer() -> Weights | None:
    """None for a writer that we do not know, and for a writer or a prompt that nobody measured."""
    return weights.of_writer(catalogue.known_writer()) if prompts.is_as_shipped(PROMPT) else None


def _question(claim: str, source: str, draft: Draft | None) -> ModelRequest:
    prompt = prompts.load(PROMPT)
    messages = prompt.messages("stated", source=source, claim=claim)
    return ModelRequest(Purpose.VERIFY, prompt.version, messages, draft=draft, recorded=draft is not None)
