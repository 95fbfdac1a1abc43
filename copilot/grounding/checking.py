"""Asks the model whether the source states each sentence of a draft, and whether that states the source in turn."""

from collections.abc import Iterable, Sequence
from typing import Any

from config import catalogue
from copilot import calls, prompts
from copilot.calls import ModelRequest, Purpose
from copilot.grounding import weights
from copilot.grounding.alignment import closest
from copilot.grounding.verdicts import BothWays
from copilot.grounding.weights import OfWriter
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

    `units`: for each claim the unit that it is to state in turn (`unit_of`). Everything is asked at the same time: the
    server reads what the questions share once. Without a draft it is a measurement and not recorded.
    """
    of = {"draft": draft, "recorded": draft is not None}
    there = [question(source, claim, **of) for claim in claims]
    back = [question(claim, unit, **of) for claim, unit in zip(claims, units, strict=True) if unit]
    found = await calls.yes_or_nos([*there, *back], model, priority)
    stated, states = found[: len(claims)], iter(found[len(claims) :])
    pairs = [(one, next(states) if unit else one) for one, unit in zip(stated, units, strict=True)]
    return answers(pairs)


def question(source: str, claim: str, **of: Any) -> ModelRequest:
    """Does the source state the claim? `of`: what it is asked for, as ModelRequest has it."""
    prompt = prompts.load(PROMPT)
    return ModelRequest(Purpose.VERIFY, prompt.version, prompt.messages("stated", source=source, claim=claim), **of)


def answers(pairs: Iterable[tuple[float | None, float | None]]) -> list[BothWays | None]:
    """Of each pair of questions, there and back; None without logprobs."""
    return [None if one is None or other is None else BothWays(one, other) for one, other in pairs]


def unit_of(claim: str, units: Sequence[str], same_language: bool) -> str:
    """The unit that the claim comes from. Empty if nobody can tell: several, and none in its language."""
    if len(units) == 1 or not units:
        return "".join(units)
    nearest = closest(claim, units).unit if same_language else None
    return "" if nearest is None else units[nearest]


def weights_of_writer() -> OfWriter | None:
    """None for a writer that we do not know, and for a writer or a prompt that nobody measured."""
    return weights.of_writer(catalogue.known_writer()) if prompts.is_as_shipped(PROMPT) else None
