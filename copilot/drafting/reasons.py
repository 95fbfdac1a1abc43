"""Why a sentence of a draft is not shown as supported, in the language of the page."""

from django.utils.translation import gettext_lazy as _

# The codes of copilot/grounding and of answering.py. `words`: what the sentence says and its source does not; for
# "stronger", what the source says and the sentence does not; for "negation", either of them.
REASONS = {
    "amount": _("“%(words)s” is not in the source."),
    "time": _("“%(words)s” is not in the source."),
    "number": _("“%(words)s” is not in the source."),
    "row": _("In the source, “%(words)s” belongs to something else."),
    "address": _("The address “%(words)s” is not in the source."),
    "name": _("The name “%(words)s” is not in the source."),
    "promise": _("The source does not promise this: “%(words)s”."),
    "negation": _("The source may say the opposite: “%(words)s”."),
    "stronger": _("The source says this less firmly, with “%(words)s”."),
    "order": _("The source has these steps in another order: “%(words)s”."),
    "swapped": _("The source says this of something else, not of “%(words)s”."),
    "untranslated": _("This is not translated: “%(words)s”."),
    "false_friend": _("“%(words)s” looks like a word of the source but means something else."),
    "not_sure": _("It is not certain that the source says this."),
    "missing": _("The source does not say this."),
    "not_checked": _("This sentence has not been checked against its source."),
    "not_translated": _("The source is in another language, and this is not translated."),
}


def text(code: str, words: str) -> str:
    """One sentence for the agent; empty where there is nothing to say."""
    return str(REASONS[code]) % {"words": " ".join(words.split())} if code in REASONS else ""
