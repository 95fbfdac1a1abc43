"""Has the model rewrite or translate one sentence, and checks what came back."""

from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from copilot import calls, prompts
from copilot.calls import Call, ModelRequest, Purpose
from copilot.drafting import saying
from copilot.drafting.citations import CITATION
from copilot.evidence.lengths import size
from copilot.grounding import checking
from copilot.grounding.verdicts import BothWays, Support
from copilot.llm import Model, Sampling
from copilot.models import Draft, RevisedText
from copilot.redaction import Masker
from copilot.revising import checks
from copilot.revising.checks import Reworded
from copilot.revising.parts import reworded
from copilot.revising.sources import Item

PROMPT = "revise-1"
TOKENS_PER_WORD = 4
FEWEST_TOKENS = 40
SIGNS = {" › ": " > ", " – ": " - "}  # what models write for them
QUOTES = '"“”„«»'
Action = RevisedText.Action


@dataclass(frozen=True)
class Order:
    """What is to be done with each sentence, and for which row its calls are recorded (none: a measurement)."""

    action: Action
    language: str
    target: str
    masker: Masker
    model: Model
    instruction: str = ""  # masked
    row: RevisedText | None = None
    draft: Draft | None = None

    @property
    def asked_for(self) -> dict[str, Any]:
        """As ModelRequest has it."""
        return {"draft": self.draft, "revised": self.row, "recorded": self.row is not None}


async def rewrite(item: Item, order: Order) -> Item | None:
    """The item in other words; as it was if the model has no others; None if what came back says something else."""
    masked = order.masker.mask(item.part.text)
    said = await _said(masked, order)
    if said is None or not checks.same_placeholders(masked, said):
        return None
    new = Reworded(item, order.masker.restore(said), order.language, order.target)
    longer = order.action == Action.SHORTER and len(new.said) >= len(item.part.text)
    if longer or _same(new.said, item.part.text):
        return None if order.action == Action.TRANSLATE else item
    if checks.objects(new):
        return None
    weights = checking.weights_of_writer()
    answers = await _both_ways(masked, said, new, order) if weights is not None else None
    verdict = checks.verdict(new, weights, answers)
    if verdict.support is Support.UNSUPPORTED:
        return None
    unowned = not item.units and verdict.support is Support.SUPPORTED
    return replace(item, part=reworded(item.part, new.said), verdict=None if unowned else verdict)


async def _said(masked: str, order: Order) -> str | None:
    """None if the answer would not end."""
    if order.action == Action.TRANSLATE:
        prompt = prompts.load(saying.PROMPT)
        messages = prompt.messages("say", order.target, unit=masked)
    else:
        prompt = prompts.load(PROMPT)
        wish = [order.instruction] if order.instruction else ""
        messages = prompt.messages(order.action, order.language, line=masked, wish=wish)
    call = Call(ModelRequest(Purpose.REVISE, prompt.version, messages, **order.asked_for))
    sampling = Sampling(temperature=0, max_tokens=FEWEST_TOKENS + round(TOKENS_PER_WORD * size(masked)))
    async with aclosing(calls.stream(call, order.model, sampling, "interactive")) as pieces:
        async for _ in pieces:
            pass
    return None if call.finish_reason == "length" else _tidied(call.output, masked)


def _tidied(output: str, masked: str) -> str:
    """Without citations and quotation marks around it; a colon at its end and the signs of menus stay."""
    said = CITATION.sub("", output).strip()
    if said[:1] in QUOTES and said[-1:] in QUOTES and masked[:1] not in QUOTES:
        said = said[1:-1].strip()
    for sign, plain in SIGNS.items():
        if sign in masked and sign not in said:
            said = said.replace(plain, sign)
    if masked.endswith((":", "：")):
        return said.rstrip(".:： ") + masked[-1] if said else said
    return said


def _same(one: str, other: str) -> bool:
    return " ".join(one.split()) == " ".join(other.split())


async def _both_ways(masked: str, said: str, new: Reworded, order: Order) -> BothWays | None:
    """Does the source state the new sentence, and does that state the one before? None without logprobs."""
    units, _ = checks.source(new)
    pairs = ((order.masker.mask(units[0]), said), (said, masked))
    asked = [checking.question(source, claim, **order.asked_for) for source, claim in pairs]
    stated, states = await calls.yes_or_nos(asked, order.model, "interactive")
    return checking.answers([(stated, states)])[0]
