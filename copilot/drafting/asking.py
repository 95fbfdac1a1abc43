"""What is asked of the model for a draft: first whether the excerpts answer, then the reply."""

from collections.abc import Sequence

from copilot import calls, prompts
from copilot.calls import Call, ModelRequest, Purpose
from copilot.llm import Model, Priority
from copilot.models import Draft

PROMPT = "reply-1"


def reply(draft: Draft, excerpts: Sequence[str], message: str, language: str) -> Call:
    prompt = prompts.load(PROMPT)
    messages = prompt.messages("reply", language, excerpts=excerpts, message=message)
    return Call(ModelRequest(Purpose.DRAFT, prompt.version, messages, draft=draft))


async def answerable(
    excerpts: Sequence[str], message: str, model: Model, priority: Priority, draft: Draft | None = None
) -> float | None:
    """How probable the model finds it that the excerpts answer, from 0 to 1; None where it cannot say.

    The question begins like that for the reply, as far as possible, so that the model reads it only once. Without a
    draft it is a measurement, of which no record is kept.
    """
    prompt = prompts.load(PROMPT)
    messages = prompt.messages("check", excerpts=excerpts, message=message)
    request = ModelRequest(Purpose.CHECK, prompt.version, messages, draft=draft, recorded=draft is not None)
    return await calls.yes_or_no(request, model, priority)


def refuses(raw: str) -> bool:
    """The model says, or is about to say, that the excerpts do not answer."""
    said, refusal = raw.strip().strip("*\"'").upper(), prompts.load(PROMPT).refusal
    return bool(said) and (said.startswith(refusal) or refusal.startswith(said))
