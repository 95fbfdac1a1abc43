"""Citations `[n]`: only numbers that exist reach the screen, also while the text streams. Pure."""

import re
from dataclasses import dataclass, field

from copilot.redaction import PLACEHOLDER

CITATION = re.compile(r" ?\[(\d{1,2})\]")
GROUP = re.compile(r"( ?)\[\s*\d{1,2}(?:\s*(?:,|;|and|&|-)\s*\d{1,2})*\s*\]")
UNKNOWN = re.compile(r" ?" + PLACEHOLDER.pattern)
# What may still become a citation or a placeholder when more text arrives.
OPEN_END = re.compile(r"(\s?\[[\d\s,;&-]{0,12}|\s?<[A-Z_\d]{0,14}|[ \t]+)$")


@dataclass
class CitationFilter:
    """Takes pieces of text and returns text in which every `[n]` is one of `allowed`.

    `[1, 2]` becomes `[1][2]`; numbers that do not exist are dropped and remembered.
    The end of a piece is held back while it may still become a citation or a placeholder,
    so that half of one is never shown. An unknown placeholder (the model made
    it up, or the customer has no name) disappears with the space before it.
    """

    allowed: frozenset[int]
    placeholders: frozenset[str] = frozenset()
    dropped: list[int] = field(default_factory=list)
    _held: str = ""

    def feed(self, piece: str) -> str:
        text = self._held + piece
        open_end = OPEN_END.search(text)
        cut = open_end.start() if open_end else len(text)
        self._held = text[cut:]
        return self._clean(text[:cut])

    def finish(self) -> str:
        held, self._held = self._held, ""
        return self._clean(held)

    def _clean(self, text: str) -> str:
        text = UNKNOWN.sub(lambda found: found.group() if found.group(1) in self.placeholders else "", text)
        return GROUP.sub(self._allowed_only, text)

    def _allowed_only(self, found: re.Match[str]) -> str:
        numbers = [int(number) for number in re.findall(r"\d+", found.group())]
        self.dropped += [number for number in numbers if number not in self.allowed]
        kept = [number for number in dict.fromkeys(numbers) if number in self.allowed]
        return found.group(1) + "".join(f"[{number}]" for number in kept) if kept else ""


def strip_citations(text: str) -> str:
    return CITATION.sub("", text)
