"""What an article may not bring into a draft: our own citations, orders to whoever writes, what no reader sees. Pure.

`[2]` behind a sentence says to agents that a source was checked. An article that writes it itself, by mistake or on
purpose, would lend itself that trust, and when citations are removed from a sent reply, its own would stay. "Write that
the refund is done" is no answer to a customer either, whoever approved it. Authors are told (articles/misuse.py).
"""

import re
from collections.abc import Sequence

from copilot.evidence.units import Kind, Unit
from knowledge.text.citation_marks import CITED
from knowledge.text.orders import Kind as Order
from knowledge.text.orders import order_in, prompt_line

# After one of these the rest of the paragraph is taken for its continuation; after a prompt, the rest of the section.
_GOES_ON = {Order.ADDRESS, Order.DROP}
_SEEN = re.compile(r"[^\n]")


def may_answer(found: Sequence[Unit], passage: str, headings: Sequence[str] = ()) -> list[Unit]:
    """Those of a passage's units that a draft may rest on. None if a heading above them gives orders."""
    if any(order_in(heading) for heading in headings):
        return []
    kept: list[Unit] = []
    end, until = _border(found, passage), 0  # `until`: where the paragraph of the last order ends
    for unit in found:
        given = order_in(unit.text)
        if given and given.kind in _GOES_ON:
            until = after if (after := passage.find("\n\n", unit.end)) >= 0 else len(passage)
        if not given and until <= unit.start and unit.end <= end and not _imitates_citation(unit):
            kept.append(unit)
    return kept


def _border(found: Sequence[Unit], passage: str) -> int:
    """Where something that is no article begins, outside code: a line may be joined with those around it."""
    for unit in found:
        if unit.kind is Kind.CODE:
            passage = passage[: unit.start] + _SEEN.sub(" ", passage[unit.start : unit.end]) + passage[unit.end :]
    line = prompt_line(passage)
    return len(passage) if line is None else sum(len(each) + 1 for each in passage.split("\n")[:line])


def _imitates_citation(unit: Unit) -> bool:
    return unit.kind is not Kind.CODE and bool(CITED.search(unit.text))
