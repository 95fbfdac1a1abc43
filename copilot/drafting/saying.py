"""Says a unit of the evidence in the customer's language, and checks what was said."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from copilot import calls, prompts
from copilot.calls import Call, ModelRequest, Purpose
from copilot.drafting.citations import InventedFilter
from copilot.evidence.gathering import EvidenceUnit
from copilot.evidence.lengths import size
from copilot.evidence.units import COLON, Kind
from copilot.llm import Model, Priority, Sampling
from copilot.models import Draft
from copilot.preparation import translating

PROMPT = translating.PROMPT
TOKENS_PER_WORD = 4  # some languages need many
FEWEST_TOKENS = 60


def foreign(unit: EvidenceUnit, language: str) -> bool:
    """Whether the customer reads another language than the article is in, as far as both are known."""
    return bool(language and unit.passage.language) and language != unit.passage.language


def words_and_code(unit: EvidenceUnit) -> tuple[str, str]:
    """What can be translated, and the lines of code behind it, which are the same in every language."""
    if unit.kind is not Kind.CODE:
        return unit.text, ""
    lead, newline, code = unit.text.partition("\n")
    return (lead, newline + code) if newline and lead.endswith(COLON) else ("", unit.text)


def can_say(language: str) -> bool:
    """Whether the prompt has a name for the language."""
    return language in prompts.load(PROMPT).languages


async def said(
    unit: EvidenceUnit, language: str, model: Model, priority: Priority, draft: Draft | None = None
) -> AsyncGenerator[str]:
    """The unit in the language, ever longer; the last one is whole, or empty if it would not end."""
    prompt, (words, code) = prompts.load(PROMPT), words_and_code(unit)
    request = ModelRequest(
        Purpose.DRAFT,
        prompt.version,
        prompt.messages("say", language, unit=words),
        draft=draft,
        recorded=draft is not None,
    )
    sampling = Sampling(temperature=0, max_tokens=FEWEST_TOKENS + round(TOKENS_PER_WORD * size(words)))
    call, filtered, text = Call(request), InventedFilter(), ""
    async with aclosing(calls.stream(call, model, sampling, priority)) as pieces:
        async for piece in pieces:
            text = (text + filtered.feed(piece.text)).lstrip()
            yield text
    text = (text + filtered.finish()).strip()
    yield text + code if text and call.finish_reason != "length" else ""
