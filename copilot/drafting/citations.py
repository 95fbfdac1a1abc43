"""Citations `[n]` in a text, and those that a model invents. Pure."""

import re
from dataclasses import dataclass

from copilot.redaction import PLACEHOLDER
from knowledge.text.citation_marks import CITATION

# What copilot.evidence.gathering makes of `[2]` in an article.
SPACED_NUMBER = re.compile(r"\[ (\d{1,2}) \]")
INVENTED = re.compile(rf" ?\[\d{{1,2}}(?:\s*(?:,|;|and|&|-)\s*\d{{1,2}})*\s*\]| ?{PLACEHOLDER.pattern}")
# What may still become a citation or a placeholder when more text arrives.
OPEN_END = re.compile(r"(\s?\[[\d\s,;&-]{0,12}|\s?<[A-Z_\d]{0,14}|[ \t]+)$")


@dataclass
class InventedFilter:
    """Takes pieces of text and returns text without citations and placeholders, and without the space before each.

    A model that translates is given neither. The end of a piece is held back while it may still become one, so that
    half of one is never shown.
    """

    _held: str = ""

    def feed(self, piece: str) -> str:
        text = self._held + piece
        open_end = OPEN_END.search(text)
        cut = open_end.start() if open_end else len(text)
        self._held = text[cut:]
        return INVENTED.sub("", text[:cut])

    def finish(self) -> str:
        held, self._held = self._held, ""
        return INVENTED.sub("", held)


def unspaced(text: str) -> str:
    """The numbers in brackets as the article has them; for a text that has no citations any more."""
    return SPACED_NUMBER.sub(r"[\1]", text)


def strip_citations(text: str) -> str:
    """The draft as a customer would read it."""
    return unspaced(CITATION.sub("", text))
