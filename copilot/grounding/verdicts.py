"""Whether the sources say what a sentence says. Pure.

The rules come first: an objection always means unsupported. A sentence that is word for word in its source is
supported without any model. For every other one what the model says is combined with what can be counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from copilot.grounding.alignment import STRICT, Aligned, closest
from copilot.grounding.conditions import left_out
from copilot.grounding.rules import objections
from copilot.grounding.weights import OfWriter

# Reasons besides those of the rules.
WORD_FOR_WORD, CHECKED = "word_for_word", "checked"
NOT_CHECKED, NOT_SURE, MISSING = "not_checked", "not_sure", "missing"


@dataclass(frozen=True)
class BothWays:
    """The probabilities of the model's "yes", 0 to 1 (checking.py).

    `stated`: that the source states the sentence; `states`: that the sentence states its unit in turn, or the same as
    `stated` where the unit is not known. One that leaves out a condition is often stated, but does not state its unit.
    """

    stated: float
    states: float


class Support(StrEnum):
    SUPPORTED = "supported"
    WEAK = "weak"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True)
class Verdict:
    """`unit`: index of the nearest one; `words`: what a rule objects to; `score`: 0 to 1, None without a model."""

    support: Support
    unit: int | None
    reason: str
    words: str = ""
    score: float | None = None


def decide(
    claim: str,
    units: Sequence[str],
    language: str,
    *,
    said: BothWays | None = None,
    weights: OfWriter | None = None,
    source_language: str = "",
) -> Verdict:
    """The verdict on one sentence.

    `said` by the model, with the `weights` of that model; without both, only what is word for word in a unit is
    supported. `source_language`: of the units, if it may be another one: then words cannot be compared.
    """
    same = not source_language or source_language == language
    nearest = closest(claim, units)
    if found := objections(
        claim, units, language, nearest=nearest, same_language=same, source_language=source_language
    ):
        return Verdict(Support.UNSUPPORTED, nearest.unit, found[0].rule, found[0].words, 0.0)
    if nearest.unit is not None and nearest.distance <= STRICT:
        return Verdict(Support.SUPPORTED, nearest.unit, WORD_FOR_WORD, score=1.0)
    if said is None or weights is None:
        return Verdict(Support.WEAK, nearest.unit, NOT_CHECKED)
    return _by_model(claim, units, nearest, said, weights, same)


def _by_model(
    claim: str, units: Sequence[str], nearest: Aligned, said: BothWays, weights: OfWriter, same: bool
) -> Verdict:
    which = weights.same if same else weights.other
    score = which.combined(said.stated, said.states, nearest.distance, left_out(claim, units))
    if score >= which.supported:
        return Verdict(Support.SUPPORTED, nearest.unit, CHECKED, score=score)
    if score >= which.weak:
        return Verdict(Support.WEAK, nearest.unit, NOT_SURE, score=score)
    return Verdict(Support.UNSUPPORTED, nearest.unit, MISSING, score=score)
