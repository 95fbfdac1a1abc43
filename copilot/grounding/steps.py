"""Steps in another order than the source's. Pure."""

import re
from collections.abc import Iterator, Sequence

from copilot.grounding.objection import Objection, Rule
from copilot.grounding.words import content

_STEP = re.compile(r"(?:^|\s)\d{1,2}[.)]\s+")
_THEN = r"(?:and )?(?:only )?then"
_PART = re.compile(rf"[.;]\s+|,\s*{_THEN}\s+|\b{_THEN}\b|,\s+|\band\b|\bund\b|\bdann\b", re.IGNORECASE)
# With one of these a later step may be told first.
_BACKWARDS = re.compile(
    r"\b(?:after|before|once|when|beforehand|bevor|nachdem|wenn|vorher|antes|después|avant|après)\b", re.IGNORECASE
)
_ENOUGH = 0.6  # share of a part's words that the step has


def order(claim: str, units: Sequence[str]) -> Iterator[Objection]:
    steps = [set(content(text)) for text in _STEP.split("\n".join(units))[1:]]
    if len(steps) < 3 or _BACKWARDS.search(claim):
        return
    last = -1
    for part in _PART.split(claim):
        words = set(content(part))
        at = _step(words, steps)
        if at is None:
            continue
        if at < last:
            yield Objection(Rule.ORDER, part.strip())
        last = max(last, at)


def _step(words: set[str], steps: Sequence[set[str]]) -> int | None:
    """The step that a part of the sentence is about, if it is clear which."""
    if len(words) < 2:
        return None
    shares = [len(words & step) / len(words) for step in steps]
    best = max(shares)
    return shares.index(best) if best >= _ENOUGH and shares.count(best) == 1 else None
