"""Asks the model which units of the evidence answer a question: one token per question, whose probabilities count.

A small model that writes freely invents; pointing at what is there it cannot (docs/decisions/0025).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from copilot import calls, prompts
from copilot.calls import ModelRequest, Purpose
from copilot.evidence.gathering import EvidenceUnit
from copilot.llm import Model, Priority
from copilot.models import Draft
from copilot.prompts import Prompt

PROMPT = "point-1"


@dataclass(frozen=True)
class Pointed:
    """The probability that no unit answers, and of each unit that it is the one that answers best."""

    none: float
    units: tuple[float, ...]


async def point(
    units: Sequence[EvidenceUnit],
    questions: Sequence[str],
    model: Model,
    priority: Priority,
    draft: Draft | None = None,
) -> list[Pointed | None]:
    """For each question; None if the server gives no logprobs. Without a draft it is a measurement and not recorded.

    All prompts begin alike, with the evidence, so that the model server reads that part only once.
    """
    prompt, words = prompts.load(PROMPT), [str(number) for number in range(len(units) + 1)]

    def asked(question: str) -> ModelRequest:
        messages = prompt.messages("point", evidence=laid_out(units, prompt), message=question)
        return ModelRequest(Purpose.POINT, prompt.version, messages, draft=draft, recorded=draft is not None)

    found = await calls.choices(map(asked, questions), model, priority, words)
    return [Pointed(shares[0], shares[1:]) if shares else None for shares in found]


async def point_in_context(
    units: Sequence[EvidenceUnit],
    questions: Sequence[str],
    message: str,
    model: Model,
    priority: Priority,
    draft: Draft | None = None,
) -> list[Pointed | None]:
    """Like `point`, for the questions of a message.

    One of several may mean nothing without the others ("and in which menu?"), and then some line always seems to answer
    it. So the whole message is asked too, and no question is likelier to have an answer than that.
    """
    if len(questions) < 2:
        return await point(units, questions, model, priority, draft)
    *found, whole = await point(units, [*questions, message], model, priority, draft)
    return [replace(each, none=max(each.none, whole.none)) if each and whole else each for each in found]


def laid_out(units: Sequence[EvidenceUnit], prompt: Prompt) -> str:
    """The numbered units, each section under its heading."""
    said, head = [], ""
    for number, unit in enumerate(units, start=1):
        if unit.head != head:
            said.append(prompt.items["head"].format(text=unit.head))
            head = unit.head
        said.append(prompt.items["unit"].format(number=number, text=unit.text))
    return "".join(said)
