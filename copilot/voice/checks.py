"""What words a reply may have that no source says: none that a source would have to say. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from copilot.grounding.promises import promises
from copilot.prompts.checks import Fault
from copilot.redaction import PLACEHOLDER
from copilot.voice import FIELDS

LONGEST = 200  # characters of one text
CLOSING_LINES = 3
NAMES = {"NAME", "FULL_NAME"}
FACT = re.compile(r"\d|[€$£¥%]|@|https?:|www\.", re.IGNORECASE)
BRACKET = re.compile(r"[\[\]<>]")


def faults(data: Mapping[str, Any], shipped: Mapping[str, Any]) -> list[Fault]:
    """Places are `de.opening`."""
    return [fault for language in shipped for fault in _of_language(language, data.get(language, {}))]


def _of_language(language: str, words: Mapping[str, str]) -> Iterator[Fault]:
    for name in FIELDS:
        for said in _of_text(name, words.get(name, "")):
            yield Fault(f"{language}.{name}", said)


def _of_text(name: str, text: str) -> Iterator[str]:
    greets = name in ("named", "plain")
    if not text.strip():
        if greets:
            yield _("A reply needs a greeting.")
        return
    if len(text) > LONGEST:
        yield _("At most %(most)d characters.") % {"most": LONGEST}
    lines = CLOSING_LINES if name == "closing" else 1
    if len(text.splitlines()) > lines:
        yield _("At most %(most)d lines.") % {"most": lines}
    bare = text
    if name == "named":
        bare = PLACEHOLDER.sub(lambda found: "" if found[1] in NAMES else found[0], text)
    if BRACKET.search(bare):
        yield _("No brackets. Only a greeting with a name may hold <NAME> or <FULL_NAME>.")
    if found := FACT.search(text):
        yield _("“%(words)s” looks like a fact. Facts come from articles only.") % {"words": found[0]}
    for objection in promises(text, ""):
        yield _("“%(words)s” is a promise that no article makes.") % {"words": objection.words}
