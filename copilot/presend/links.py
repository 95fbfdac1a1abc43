"""Links that customers cannot open, and attachments that are not there. Pure."""

import re
from collections.abc import Iterator

from copilot.presend.facts import Facts
from copilot.presend.findings import Code, Finding
from copilot.presend.phrases import pattern

WEB = re.compile(r"(?<![\w@])(?:https?://|www\.)[^\s<>()\[\]\"'“”]{1,500}[^\s<>()\[\]\"'“”.,;:!?]", re.IGNORECASE)
INTERNAL, DEAD, GOOD = "internal", "dead", "good"
_CODES = {INTERNAL: Code.INTERNAL_LINK, DEAD: Code.DEAD_LINK}
_ATTACHED = pattern("attached")
# What the customer attached or should attach is not ours.
_THEIRS = re.compile(
    r"(?:you(?:['’]ve| have)?|your|was|were|(?:could|can) you|please|sie|ihnen|ihr\w{0,2}|usted|vous|votre)"
    r" (?:\w{1,12} ){0,3}$|(?:^|[^\w])(?:if|when) [^.!?]{0,40}$",
    re.IGNORECASE,
)


def links(text: str, facts: Facts) -> Iterator[Finding]:
    for found in WEB.finditer(text):
        if code := _CODES.get(facts.links.get(found[0], "")):
            yield Finding(code, *found.span(), found[0])


def attachments(text: str, facts: Facts) -> Iterator[Finding]:
    if facts.attachments:
        return
    for found in _ATTACHED.finditer(text):
        before = text[max(0, found.start() - 60) : found.start()]
        please_find = found[0].lower().startswith(("please", "see", "find"))
        if please_find or not _THEIRS.search(before.rpartition("\n")[2]):
            yield Finding(Code.ATTACHMENT, *found.span(), found[0])
            return
