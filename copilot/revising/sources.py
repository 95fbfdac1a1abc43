"""What each part of the text rests on: the units that it cites, or the words of whoever wrote it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from copilot.grounding.alignment import STRICT, closest
from copilot.grounding.verdicts import NOT_CHECKED, Support, Verdict, decide
from copilot.revising.parts import Part

Key = tuple[int, int]  # draft, number


@dataclass(frozen=True)
class Source:
    """A cited unit. `said`: what the draft says with it, with the verdict of then."""

    text: str
    language: str
    said: str = ""
    verdict: Verdict | None = None
    share: float | None = None  # the probability that it answers best, as the model pointed
    needed: bool = True  # no other unit answers one of the questions better


@dataclass(frozen=True)
class Item:
    """A part, what it rests on (nothing: only its author), and the verdict on it as it is.

    `units`: all that it cites as one text, then unit by unit and line by line, which sentences are compared with.
    """

    part: Part
    keys: tuple[Key, ...] = ()
    units: tuple[str, ...] = ()
    language: str = ""  # of the units
    verdict: Verdict | None = None


def items(parts: Sequence[Part], sources: Mapping[Key, Source], language: str) -> list[Item]:
    """`language`: of the text."""
    cited = {key: sources[key] for part in parts for key in _keys(part) if key in sources}
    found: list[Item] = []
    for part in parts:
        keys = tuple(key for key in _keys(part) if key in cited) or _inherited(part, found) or _nearest(part, cited)
        found.append(_item(part, () if part.fixed else keys, sources, language))
    return found


def _keys(part: Part) -> tuple[Key, ...]:
    return tuple((mark.draft, mark.number) for mark in part.marks)


def _inherited(part: Part, before: Sequence[Item]) -> tuple[Key, ...]:
    """The points of a list rest on what its introduction cites."""
    return before[-1].keys if before and part.prefix and part.gap == "\n" else ()


def _nearest(part: Part, cited: Mapping[Key, Source]) -> tuple[Key, ...]:
    """A unit of several sentences is cited once, behind the last."""
    if part.fixed or not cited or not part.text:
        return ()
    keys = list(cited)
    nearest = closest(part.text, [cited[key].text for key in keys])
    return (keys[nearest.unit],) if nearest.unit is not None and nearest.distance <= STRICT else ()


def _item(part: Part, keys: tuple[Key, ...], sources: Mapping[Key, Source], language: str) -> Item:
    if not keys:
        return Item(part)
    resting = [sources[key] for key in keys]
    whole = "\n".join(each.text for each in resting)
    texts = tuple(dict.fromkeys([whole, *(each.text for each in resting), *whole.splitlines()]))
    item = Item(part, keys, texts, resting[0].language)
    return Item(part, keys, texts, item.language, _verdict(item, resting, language))


def _verdict(item: Item, resting: Sequence[Source], language: str) -> Verdict:
    """By the rules; what only the model can tell is known if it is the draft's own sentence."""
    verdict = decide(item.part.text, item.units, language, source_language=item.language)
    if verdict.reason != NOT_CHECKED:
        return verdict
    known = next((each.verdict for each in resting if each.verdict and item.part.text in each.said), None)
    return known or verdict


def is_supported(item: Item) -> bool:
    return item.verdict is not None and item.verdict.support is Support.SUPPORTED
