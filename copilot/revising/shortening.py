"""Makes a text shorter without a model: drops what the answer does not need, what repeats, what stands in brackets."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from copilot.grounding.alignment import STRICT, closest
from copilot.grounding.words import RESTRICTIVE, tokens
from copilot.revising.parts import Part, reworded, without_parts
from copilot.revising.phrases import is_phrase
from copilot.revising.sources import Item, Key, Source

ENOUGH = 0.15  # share of the words that must be gone, so that no more is left out and no model is asked
UNNEEDED = 0.25  # probability below which another unit answers so much better that this one may go
FEWEST_WORDS = 4  # of a sentence that may repeat another
_ASIDE = re.compile(r"\s*\(([^()\[\]\n]{3,100})\)")


def shortened(items: Sequence[Item], sources: Mapping[Key, Source], chosen: Collection[int]) -> list[Item]:
    """Only parts at the places in `chosen` change or go."""
    gone = {*_phrases(items), *_unneeded(items, sources), *_repeated(items)} & set(chosen)
    if gone >= {at for at, item in enumerate(items) if not item.part.fixed}:
        gone = set()
    kept = [at for at in range(len(items)) if at not in gone]
    parts = without_parts([item.part for item in items], gone)
    return [
        replace(items[at], part=without_asides(part) if at in chosen and not part.fixed else part)
        for at, part in zip(kept, parts, strict=True)
    ]


def is_enough(before: Sequence[Item], after: Sequence[Item]) -> bool:
    words, left = (sum(len(item.part.text.split()) for item in items) for items in (before, after))
    return left <= words * (1 - ENOUGH)


def without_asides(part: Part) -> Part:
    """Without what stands in brackets, unless it has a figure, an address or a condition."""
    text = _ASIDE.sub(lambda found: found[0] if _matters(found[1]) else "", part.text)
    return reworded(part, text) if text != part.text else part


def _matters(aside: str) -> bool:
    return bool(re.search(r"[\d@/<]", aside) or RESTRICTIVE & set(tokens(aside)))


def _phrases(items: Sequence[Item]) -> Iterator[int]:
    return (at for at, item in enumerate(items) if is_phrase(item.part.text))


def _unneeded(items: Sequence[Item], sources: Mapping[Key, Source]) -> Iterator[int]:
    """What rests only on units that are no question's best; what answers least first, until enough is gone."""
    shares = {}
    for at, item in enumerate(items):
        resting = [sources[key] for key in item.keys]
        if resting and not any(each.needed or each.share is None for each in resting):
            shares[at] = max(each.share or 0.0 for each in resting)
    gone, words = 0, sum(len(item.part.text.split()) for item in items)
    for share in sorted({share for share in shares.values() if share < UNNEEDED}):
        if gone >= words * ENOUGH:
            return
        for at in (at for at, each in shares.items() if each == share):
            gone += len(items[at].part.text.split())
            yield at


def _repeated(items: Sequence[Item]) -> Iterator[int]:
    kept: list[str] = []
    for at, item in enumerate(items):
        text = without_asides(item.part).text
        if item.part.fixed or item.part.prefix or len(text.split()) < FEWEST_WORDS:
            continue
        if kept and not text.endswith((":", "：")) and closest(text, kept).distance <= STRICT:
            yield at
        else:
            kept.append(text)
