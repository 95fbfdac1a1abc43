"""How probable it is that a reply can be sent as it is (copilot/confidence), for a writer that was measured."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from copilot import prompts
from copilot.confidence import parts, weights, wording
from copilot.confidence.weights import Confidence, Weights
from copilot.drafting import pointing
from copilot.drafting.answering import Reply
from copilot.grounding.verdicts import Support
from copilot.models import Draft, DraftRecord


@dataclass(frozen=True)
class Shown:
    """What a page says of it: one line, and where it comes from."""

    line: str
    parts: list[wording.Part]


def confidence_of(reply: Reply) -> Confidence | None:
    """None for a writer that nobody measured, and for a reply that the model had no part in."""
    measured = weights_of_writer()
    values = values_of(reply)
    return measured.confidence(values) if measured and values else None


def values_of(reply: Reply) -> parts.Values | None:
    asked = [
        parts.Asked(each.probability, each.pointed.units if each.pointed else (), bool(each.numbers))
        for each in reply.questions
    ]
    return parts.of_draft(asked, [each.verdict.support is Support.SUPPORTED for each in reply.sentences])


def weights_of_writer() -> Weights | None:
    """None for a server that is not ours, whose model we do not know, and for a changed prompt."""
    if not settings.LLM_EMBEDDED:
        return None
    return weights.of_writer(settings.COPILOT_MODEL, prompts.load(pointing.PROMPT).version)


def shown(draft: Draft, record: DraftRecord | None) -> Shown | None:
    """None for a draft without an answer. While it is being written the line has its place already."""
    if draft.state_now in Draft.ACTIVE:
        return Shown(_("How likely it is right: when the draft is finished."), [])
    if draft.state != Draft.State.READY or record is None or record.insisted:
        return None
    if record.confidence is not None:
        effects = wording.from_stored(record.confidence_parts)
        return Shown(wording.summary(record.confidence), wording.parts(effects))
    if weights_of_writer() is None:
        return Shown(_("Nobody measured how often drafts of this model are right."), [])
    return Shown(_("No estimate how likely this draft is right."), [])
