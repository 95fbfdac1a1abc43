"""The answer cache: what was asked before, word for word, is not asked of the model again.

The same masked question, evidence, prompts and model give the same reply, so the draft that has it is the cache. It is
forgotten with that draft, whose ticket goes when a customer is erased. A reply that somebody rejected is made anew, and
so is one that an agent asks for again.
"""

from dataclasses import dataclass

from copilot import prompts, voice
from copilot.drafting import composing, pointing, saying, stored_reply
from copilot.drafting.answering import Asked, Reply
from copilot.grounding import checking
from copilot.llm import Model
from copilot.models import Draft, DraftRecord
from copilot.preparation.steps import digest

# Raise it when the same input makes another reply: other rules of selection, of composing, of the verdicts.
VERSION = 3


@dataclass(frozen=True)
class Reused:
    """The reply of an earlier draft."""

    draft_id: int
    reply: Reply


def prompts_key() -> str:
    """A digest of all that a reply is made with besides message and evidence: prompts and voice in use."""
    used = [prompts.load(name).version for name in (pointing.PROMPT, saying.PROMPT, checking.PROMPT)]
    return digest([*used, voice.load().version])


def answer_key(asked: Asked, answers_from: str, model: Model) -> str:
    """A digest of all that a reply depends on. `answers_from`: of question, language and evidence (pipeline.py)."""
    greeting = composing.greeting(asked.language, asked.known)
    chosen = [asked.least, asked.insisted, asked.extra, asked.before]
    return digest([VERSION, answers_from, greeting, *chosen, prompts_key(), model.name, model.sha256])


def find(key: str) -> Reused | None:
    """A draft with this reply for which a model was asked; none if somebody rejected one."""
    same = DraftRecord.objects.filter(answer_key=key)
    if same.filter(draft__review=Draft.Review.REJECTED).exists():
        return None
    made = same.filter(draft__state=Draft.State.READY, reused_from=None, insisted=False)
    record = made.exclude(form="").select_related("draft").order_by("-pk").first()
    return None if record is None else Reused(record.draft_id, stored_reply.from_record(record))
