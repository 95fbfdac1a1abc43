"""What to say of a revised text, in the language of the page."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from copilot.drafting import reasons
from copilot.grounding.verdicts import Verdict
from copilot.models import RevisedText
from copilot.revising.checks import CHANGED
from copilot.revising.revising import UNTRANSLATED

Action = RevisedText.Action


def reason(verdict: Verdict) -> str:
    if verdict.reason == CHANGED:
        return _("It is not certain that this says the same as before.")
    if verdict.reason == UNTRANSLATED:
        return _("This is not translated: no translation said exactly the same.")
    return reasons.text(verdict.reason, verdict.words)


def note(action: str, changed: bool, kept: int) -> str:
    """One sentence; empty if all was done."""
    if changed and not kept:
        return ""
    if changed:
        text = ngettext(
            "%(count)d sentence keeps its words, because nothing else said exactly the same.",
            "%(count)d sentences keep their words, because nothing else said exactly the same.",
            kept,
        )
        return text % {"count": kept}
    if kept:
        return _("Nothing was changed: what the model wrote did not say exactly the same.")
    return _nothing()[action]


def _nothing() -> dict[Any, str]:
    return {
        Action.SHORTER: _("Nothing was changed: there is nothing that could be left out."),
        Action.WARMER: _("Nothing was changed: the friendly sentences are there already."),
        Action.SIMPLER: _("Nothing was changed: there is no sentence that the model would say otherwise."),
        Action.TRANSLATE: _("Nothing was changed: there is nothing to translate."),
        Action.ASK: _("Nothing was added: the message has all that is usually needed, or it is asked for already."),
        Action.INSTRUCT: _("Nothing was changed: there is no sentence that the model would say otherwise."),
    }
