"""Placeholders that nobody has filled in. Pure."""

import re
from collections.abc import Iterator

from copilot.presend.facts import Facts
from copilot.presend.findings import Code, Finding
from copilot.presend.phrases import any_of
from copilot.redaction import PLACEHOLDER
from knowledge.masking.names import parts

_WORD = any_of("placeholder")
_FORMS = (
    PLACEHOLDER,
    re.compile(r"\{\{[^{}\n]{1,60}\}\}"),
    # Nothing but such words: "[Order 12 confirmed]" is the subject of a mail, "<address>" a tag.
    re.compile(rf"\[ ?{any_of('placeholder_alone')} ?\](?!\()", re.IGNORECASE),
    re.compile(rf"\[ ?{_WORD}(?:[ _-]{_WORD}){{1,4}} ?\](?!\()", re.IGNORECASE),
    re.compile(rf"<(?:your|insert|enter|customer|first|last|full)(?:[ _-]{_WORD}){{1,4}}>", re.IGNORECASE),
    # "TODO" alone is also a Spanish word.
    re.compile(r"(?<![\w-])(?:TODO|FIXME)\s?[:(]|^[ \t]{0,9}(?:TODO|TBD|FIXME)[ \t]{0,9}$", re.MULTILINE),
    re.compile(r"(?<![\w-])XXX+(?![\w-])"),
    re.compile(r"(?<!_)_{3,9}(?!_)"),
)
_NAME = re.compile(r"name|kunde|kundin|customer|client|nombre|nom", re.IGNORECASE)


def placeholders(text: str, facts: Facts) -> Iterator[Finding]:
    """Unless the sources or the customer write the same: an article may explain placeholders."""
    for form in _FORMS:
        for found in form.finditer(text):
            if not any(found[0] in each for each in facts.open_texts):
                yield Finding(Code.PLACEHOLDER, *found.span(), found[0], _name(found[0], facts))


def _name(placeholder: str, facts: Facts) -> str | None:
    first = parts(facts.customer)[:1]
    return first[0] if first and _NAME.search(placeholder) else None
