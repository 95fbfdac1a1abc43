"""The differences between draft and reply, word by word. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from copilot.drafting.citations import strip_citations

WORD = re.compile(r"\s+|\S+")
LONGEST = 1500  # words; comparing more would take seconds


@dataclass(frozen=True)
class Piece:
    """`kind`: same, gone (only in the draft) or new (only in the reply)."""

    kind: str
    text: str


def word_diff(draft: str, sent: str) -> list[Piece]:
    """The steps from draft to reply. Citations of the draft are left out, because they are never sent."""
    before, after = WORD.findall(strip_citations(draft).strip()), WORD.findall(sent.strip())
    if len(before) + len(after) > 2 * LONGEST:
        return [Piece("gone", "".join(before)), Piece("new", "".join(after))]
    return list(_pieces(before, after))


def _pieces(before: list[str], after: list[str]) -> Iterator[Piece]:
    # All white space counts as a blank: another line break is not an edit.
    draft, sent = ([" " if word.isspace() else word for word in words] for words in (before, after))
    for kind, a1, a2, b1, b2 in SequenceMatcher(None, draft, sent, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece("same", "".join(after[b1:b2]))
            continue
        if a1 < a2:
            yield Piece("gone", "".join(before[a1:a2]))
        if b1 < b2:
            yield Piece("new", "".join(after[b1:b2]))
