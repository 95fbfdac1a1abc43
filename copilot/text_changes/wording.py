"""What pages say about each text: what it is for, and what a changed version means for measured figures."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from copilot import voice
from copilot.prompts import checks
from copilot.text_changes.prompt_kind import material
from copilot.text_changes.voice_kind import label as voice_label

Text = str | Promise
LABELS: dict[str, tuple[Text, Text]] = {
    voice.NAME: (
        gettext_lazy("Voice"),
        gettext_lazy("How replies begin and end, for each language. Not read by the model."),
    ),
    "point": (
        gettext_lazy("Which sources answer"),
        gettext_lazy(
            "The model reads the customer’s message and numbered lines of articles, and names those that answer."
        ),
    ),
    "say": (
        gettext_lazy("Translation"),
        gettext_lazy("The model says a line of an article in the customer’s language."),
    ),
    "verify": (
        gettext_lazy("Check of a sentence"),
        gettext_lazy("The model says whether a source states what a sentence says."),
    ),
    "article": (
        gettext_lazy("Articles from replies"),
        gettext_lazy("The model writes a help article from what agents replied to a topic."),
    ),
    "revise": (
        gettext_lazy("Revising in the composer"),
        gettext_lazy("The model rewords a sentence of a reply: shorter, simpler, or as an agent asks."),
    ),
    "summary": (
        gettext_lazy("Summary of a ticket"),
        gettext_lazy("The model says in a few lines what was asked, tried and failed. Each line is checked."),
    ),
}
MEASURED: dict[str, Text] = {
    "point": gettext_lazy(
        "Minimum score and green light were measured with the shipped version. With another one drafts count as made "
        "by a model that nobody measured: the cautious minimum score applies, and no draft is called sure."
    ),
    "verify": gettext_lazy(
        "The weights of the check were measured with the shipped version. With another one the check does not count: "
        "translations are never green, because only a line word for word from an article counts as supported."
    ),
}


def label(name: str) -> Text:
    return LABELS.get(_task(name), (name, ""))[0]


def purpose(name: str) -> Text:
    return LABELS.get(_task(name), ("", ""))[1]


def rank(name: str) -> int:
    """Its place in the list: in the order of LABELS."""
    return [*LABELS, _task(name)].index(_task(name))


def _task(name: str) -> str:
    return checks.base(name) or name


def measured(name: str) -> Text:
    """What another version than the shipped one loses; empty if no figure depends on it."""
    return MEASURED.get(checks.base(name), "")


def place(name: str, where: str) -> str:
    """Of a fault, for people: "Example 3: answer"."""
    first, _dot, rest = where.partition(".")
    if name == voice.NAME:
        return f"{first}: {voice_label(rest)}"
    if first == "examples" and rest:
        at, _dot, field = rest.partition(".")
        return _("Example %(number)d: %(field)s") % {"number": int(at) + 1, "field": material(field)}
    names = {"system": _("Task"), "turn": _("How it is asked"), "asks": _("Question"), "examples": _("Worked examples")}
    return f"{names[first]}: {rest}" if rest else str(names.get(first, ""))
