"""The confidence of a draft of the writer in use, and what pages say of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from config import catalogue
from copilot.confidence import parts, weights, wording
from copilot.confidence.parts import Asked
from copilot.confidence.weights import Confidence, Weights
from copilot.models import Draft, DraftRecord


@dataclass(frozen=True)
class Shown:
    """What a page says of it: one line, and where it comes from."""

    line: str
    parts: list[wording.Part]


def confidence_of(asked: Sequence[Asked], supported: Sequence[bool]) -> Confidence | None:
    """None for a writer that nobody measured, and for a draft that the model had no part in; see parts.of_draft."""
    measured, values = weights_of_writer(), parts.of_draft(asked, supported)
    return measured.confidence(values) if measured and values else None


def weights_of_writer() -> Weights | None:
    """None for a writer that we do not know, and for one that nobody measured."""
    return weights.of_writer(catalogue.known_writer())


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
