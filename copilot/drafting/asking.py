"""The two model calls of a draft: first the answerability check, then the reply."""

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
    """The answerability check: the probability of yes, 0 to 1; None if the server gives no logprobs.

    Its prompt begins like that for the reply, so that the model server reads the shared part only once. Without a
    draft it is a measurement and not recorded.
    """
    prompt = prompts.load(PROMPT)
    messages = prompt.messages("check", excerpts=excerpts, message=message)
    request = ModelRequest(Purpose.CHECK, prompt.version, messages, draft=draft, recorded=draft is not None)
    return await calls.yes_or_no(request, model, priority)


def refuses(raw: str) -> bool:
    """Whether the output is, or may still become, the refusal text."""
    said, refusal = raw.strip().strip("*\"'").upper(), prompts.load(PROMPT).refusal
    return bool(said) and (said.startswith(refusal) or refusal.startswith(said))
