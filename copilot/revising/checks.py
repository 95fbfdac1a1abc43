"""Whether a rewritten sentence still says what it said. Pure.

The verdicts of drafts tell whether it says more than its source. A rewriting must not say less either: figures,
addresses, placeholders and conditions of the sentence before are all there afterwards.
"""

from collections import Counter
from dataclasses import dataclass, replace

from copilot.grounding.conditions import left_out
from copilot.grounding.objection import Rule
from copilot.grounding.rules import objections
from copilot.grounding.verdicts import BothWays, Support, Verdict, decide
from copilot.grounding.weights import OfWriter
from copilot.grounding.words import NEGATIONS, content, tokens
from copilot.redaction import PLACEHOLDER
from copilot.revising.sources import Item, is_supported
from copilot.revising.words import pattern
from tickets import languages

MOST_LEFT_OUT = 0.5  # of a condition, and of the words of a sentence
FEW = 2  # so many words may go without others in their place
LONGEST, SLACK = 1.8, 40  # times as many characters as before, and so many more
FACTS = frozenset({Rule.AMOUNT, Rule.TIME, Rule.NUMBER, Rule.ADDRESS, Rule.NAME})
CHANGED = "changed"  # reason: whether it says the same as before is not certain
ORDER = (Support.SUPPORTED, Support.WEAK, Support.UNSUPPORTED)


@dataclass(frozen=True)
class Reworded:
    """`said` in the place of the item's text, both with real values instead of placeholders."""

    item: Item
    said: str
    language: str  # of the text before
    target: str  # of `said`

    @property
    def translated(self) -> bool:
        return self.target != self.language


def same_placeholders(before: str, after: str) -> bool:
    return Counter(PLACEHOLDER.findall(before)) == Counter(PLACEHOLDER.findall(after))


def objects(reworded: Reworded) -> bool:
    """Is it wrong for certain? Then no model needs to be asked."""
    before, said = reworded.item.part.text, reworded.said
    if not said or "\n" in said or len(said) > LONGEST * len(before) + SLACK:
        return True
    if reworded.language and languages.detect(said) not in {"", reworded.target}:
        return True
    if _lost(reworded) or _speaks(reworded):
        return True
    return verdict(reworded, None, None).support is Support.UNSUPPORTED


def source(reworded: Reworded) -> tuple[tuple[str, ...], str]:
    """What it is checked against, and in which language that is: the units, if the sentence before was supported by
    them; else that sentence."""
    if is_supported(reworded.item):
        return reworded.item.units, reworded.item.language
    return (reworded.item.part.text,), reworded.language


def verdict(reworded: Reworded, weights: OfWriter | None, said: BothWays | None) -> Verdict:
    """Never better than that of the sentence before. `said`: of the new one, which may state the one before in turn."""
    units, language = source(reworded)
    found = decide(
        reworded.said,
        units,
        reworded.target,
        said=said,
        weights=weights,
        source_language=language or reworded.language,
    )
    back = decide(
        reworded.item.part.text,
        [reworded.said],
        reworded.language or "en",
        said=said and BothWays(said.states, said.stated),
        weights=weights,
        source_language=reworded.target,
    )
    if ORDER.index(back.support) > ORDER.index(found.support):
        found = replace(found, support=back.support, reason=CHANGED)
    before = reworded.item.verdict
    if found.support is Support.UNSUPPORTED or is_supported(reworded.item):
        return found
    if before is None:
        return found if found.support is Support.SUPPORTED else replace(found, reason=CHANGED)
    return before


def _lost(reworded: Reworded) -> bool:
    """Something that the sentence said and the new one does not, "not" among it."""
    before, said = reworded.item.part.text, reworded.said
    facts = FACTS - {Rule.NAME} if reworded.translated else FACTS
    same = not reworded.translated
    if any(each.rule in facts for each in objections(before, [said], reworded.language or "en", same_language=same)):
        return True
    if not same:
        return False
    return _negates(before) != _negates(said) or left_out(said, [before]) > MOST_LEFT_OUT or _is_thinner(before, said)


def _is_thinner(before: str, said: str) -> bool:
    """Are many of its words gone, with no others in their place?"""
    had, has = set(content(before)), set(content(said))
    gone, new = had - has, has - had
    return len(gone) > len(had) * MOST_LEFT_OUT and len(gone) - len(new) >= FEW


def _speaks(reworded: Reworded) -> bool:
    """ "We" says it now, of whom nothing was said before."""
    before = reworded.item.part.text
    return (
        not reworded.translated and bool(pattern("ours").search(reworded.said)) and not pattern("ours").search(before)
    )


def _negates(text: str) -> bool:
    return not NEGATIONS.isdisjoint(tokens(text))
