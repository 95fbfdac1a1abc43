"""Parts of a translation that are still in English. Pure."""

import re
from collections.abc import Iterator, Sequence

from copilot.grounding.objection import Objection, Rule

RUN = 3  # words in a row as the source has them
# Names of buttons stay as they are.
_QUOTED = re.compile(r"[\"“”„«「‚‘‹›][^\"“”»」’‘‹›\n]{2,60}[\"“”»」’‘‹›]|\*\*[^*\n]{2,60}\*\*|`[^`\n]{2,60}`")
_WORD = re.compile(r"[^\W\d_]+")
_BEGINS = re.compile(r"(?:^|[.!?:]\s|\n)\W*$")
# Small words that none of the other languages has.
_ENGLISH = """
the you your then and if with to are it this that before after when while until from by be can will not only has
"""
ENGLISH = frozenset(_ENGLISH.split())


def untranslated(claim: str, source: str) -> Iterator[Objection]:
    """The first words of an English source in a row, a small word among them. A customer may not understand them."""
    there = f" {' '.join(_WORD.findall(source.lower()))} "
    shown = without_quoted(claim)
    for run in _runs(shown, there):
        words = [found[0] for found in run]
        is_name = words[0][0].isupper() and not _BEGINS.search(shown[: run[0].start()])
        if len(run) >= RUN and not is_name and ENGLISH.intersection(map(str.lower, words)):
            yield Objection(Rule.UNTRANSLATED, claim[run[0].start() : run[-1].end()])
            return


def without_quoted(text: str) -> str:
    """As long as it was, with dots for what stands in quotation marks, in bold or as code: names of buttons."""
    return _QUOTED.sub(lambda quoted: "." * len(quoted[0]), text)


def _runs(text: str, there: str) -> Iterator[Sequence[re.Match[str]]]:
    """The longest runs of words with only spaces between them that the source has in a row."""
    run: list[re.Match[str]] = []
    for found in _WORD.finditer(text):
        longer = [*run, found]
        if run and text[run[-1].end() : found.start()] == " " and _said(longer) in there:
            run = longer
            continue
        yield run or [found]
        run = [found] if _said([found]) in there else []
    if run:
        yield run


def _said(run: Sequence[re.Match[str]]) -> str:
    return f" {' '.join(found[0].lower() for found in run)} "
