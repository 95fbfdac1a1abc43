"""Parts of a translation that are still in the language of the source. Pure."""

import re
from collections.abc import Iterator

from copilot.grounding.objection import Objection, Rule

_QUOTED = re.compile(r"[\"“”„«「‚‘][^\"“”»」’\n]{2,60}[\"“”»」’]")  # names of buttons stay as they are
_WORD = re.compile(r"[^\W\d_]+")
# Three words in a row; a capital letter only at the beginning.
_RUN = re.compile(r"(?=(?<![\w'’])([^\W\d_]+(?:['’][^\W\d_]+)*(?:\s[a-zà-ÿ]+){2})(?![\w'’]))")
_ENGLISH = """
the you your then and or if for with to of is are was it this that before after when while until from by on in be can
will not only we our as at has have
"""
ENGLISH = frozenset(_ENGLISH.split())


def untranslated(claim: str, source: str, language: str) -> Iterator[Objection]:
    """Words of an English source in a row, a small word among them: the customer may not understand them."""
    if language == "en":
        return
    there = f" {' '.join(_WORD.findall(source.lower()))} "
    for found in _RUN.finditer(_QUOTED.sub(lambda quoted: "." * len(quoted[0]), claim)):
        words = _WORD.findall(found[1].lower())
        if ENGLISH.intersection(words) and f" {' '.join(words)} " in there:
            yield Objection(Rule.UNTRANSLATED, claim[found.start(1) : found.end(1)])
            return
