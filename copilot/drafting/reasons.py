"""Why a sentence of a draft is not shown as supported, in the language of the page."""

from django.utils.translation import gettext_lazy

# The codes of copilot/grounding and of answering.py.
REASONS = {
    "not_translated": gettext_lazy("The article is in another language."),
    "not_checked": gettext_lazy("This translation has not been checked."),
}


def text(code: str, words: str) -> str:
    """One sentence for the agent; empty where there is nothing to say."""
    return str(REASONS.get(code, "")) % {"words": words} if code else ""
