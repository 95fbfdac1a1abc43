"""A draft's confidence in words, in the language of the page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from copilot.confidence.weights import Effect

LIKELY, POSSIBLE = 0.65, 0.4  # from here on
SLIGHT = 0.1  # an effect on the log odds that nobody would notice

# What is said of a part: where it speaks for the draft, and where against it.
REASONS: Mapping[str, tuple[str | Promise, str | Promise]] = {
    "places": (
        _("The model found the answer in one place, or in few."),
        _("The model hesitated between several places in the sources."),
    ),
    "answers": (
        _("The model is fairly certain that the sources answer this."),
        _("The model is less certain than usual that the sources answer this."),
    ),
    "answered": (_("Every question is answered."), _("A question is left without an answer.")),
    "supported": (
        _("Every sentence is supported."),
        _("Some sentences are not certain to say what the source says."),
    ),
}


@dataclass(frozen=True)
class Part:
    text: str | Promise
    speaks_for: bool


def summary(probability: float) -> str:
    """ "Likely right: 7 in 10 drafts like this were." Never 0 or 10 in 10: nothing here is that sure."""
    count = min(9, max(1, round(probability * 10)))
    if probability >= LIKELY:
        said = ngettext(
            "Likely right: %(count)d in 10 drafts like this was.",
            "Likely right: %(count)d in 10 drafts like this were.",
            count,
        )
    elif probability >= POSSIBLE:
        said = ngettext(
            "May be right: %(count)d in 10 drafts like this was.",
            "May be right: %(count)d in 10 drafts like this were.",
            count,
        )
    else:
        said = ngettext(
            "Needs a close look: %(count)d in 10 drafts like this was right.",
            "Needs a close look: %(count)d in 10 drafts like this were right.",
            count,
        )
    return said % {"count": count}


def parts(effects: Iterable[Effect]) -> list[Part]:
    """The parts that move it, the strongest first."""
    moving = sorted((each for each in effects if abs(each.effect) >= SLIGHT), key=lambda each: -abs(each.effect))
    return [Part(REASONS[each.part][each.effect < 0], each.effect > 0) for each in moving]


def as_stored(effects: Iterable[Effect]) -> list[dict[str, Any]]:
    return [{"part": each.part, "value": round(each.value, 4), "effect": round(each.effect, 4)} for each in effects]


def from_stored(stored: Iterable[Mapping[str, Any]]) -> list[Effect]:
    """Parts of an older version, which nobody can name any more, are left out."""
    return [Effect(each["part"], each["value"], each["effect"]) for each in stored if each["part"] in REASONS]
