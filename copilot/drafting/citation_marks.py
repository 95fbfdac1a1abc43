"""Removes a draft's citations `[n]` from a reply before it is sent. Other text that looks like one stays.

The browser says where each citation stands and which draft it belongs to; that is checked against the draft's numbers.
If a sender gives only the draft, those are removed that this draft can have written. If it gives neither, those right
after a finished sentence are removed, where only a citation can stand.
"""

import re
from collections import defaultdict
from collections.abc import Collection

from config.numbers import whole
from copilot.drafting.citations import unspaced
from copilot.models import Citation, Draft
from tickets.composition import Composition

CITATION = re.compile(r"\[(\d{1,2})\]")
# `items[12]`, `rows()[1]`: directly after a name or bracket it is an index, unless the draft wrote exactly that.
GLUED = re.compile(r"[\w\])}`'\"]$")
WORD = re.compile(r"\S*$")
BEHIND_SENTENCE = re.compile(r"(?<=[.!?…。！？])[ ]?(?:\[\d{1,2}\])+(?=\s|$)")


def clean(ticket_id: int, composition: Composition) -> str:
    """Registered with `tickets.composition`."""
    if composition.marks is None:
        named = _named(composition.prepared)
        if not named:
            text = BEHIND_SENTENCE.sub("", composition.text)
            return text if CITATION.sub("", text).strip() else ""
        drafts = Draft.objects.filter(pk__in=named, ticket=ticket_id).values_list("text", flat=True)
        return _guess(composition.text, _numbers(ticket_id, named), " ".join(drafts))
    by_draft: dict[int, set[int]] = defaultdict(set)
    for draft_id, number in _numbers(ticket_id, {source for _, _, source in composition.marks}):
        by_draft[draft_id].add(number)
    own = {at: number for at, number, source in composition.marks if number in by_draft[source]}
    return without(composition.text, own)


def without(text: str, own: dict[int, int]) -> str:
    """`text` without the citations at the given offsets (offset -> number), and without the space before each.

    Numbers in brackets are then as in the article again.
    """
    kept, rest = [], 0
    for at in sorted(own):
        mark = f"[{own[at]}]"
        if at < rest or text[at : at + len(mark)] != mark:
            continue
        start = at - 1 if at > rest and text[at - 1] == " " else at
        kept.append(text[rest:start])
        rest = at + len(mark)
    return unspaced("".join(kept) + text[rest:])


def _guess(text: str, numbers: Collection[tuple[int, int]], written: str) -> str:
    known = {number for _, number in numbers}
    own: dict[int, int] = {}
    end = -1
    for found in CITATION.finditer(text):
        start = found.start()
        beside_one = start == end  # [1][2]
        loose = not GLUED.search(text[max(0, start - 1) : start])
        word = WORD.search(text[max(0, start - 40) : start])
        as_written = f"{word[0] if word else ''}{found[0]}" in written
        if int(found[1]) in known and (beside_one or loose or as_written):
            own[start] = int(found[1])
            end = found.end()
    return without(text, own)


def _named(prepared: str) -> set[int]:
    number = whole(prepared)
    return set() if number is None else {number}


def _numbers(ticket_id: int, drafts: set[int]) -> list[tuple[int, int]]:
    """(draft, number) of every source of these drafts, as far as they are this ticket's."""
    if not drafts:
        return []
    return list(Citation.objects.filter(draft__in=drafts, draft__ticket=ticket_id).values_list("draft_id", "number"))
