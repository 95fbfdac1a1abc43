"""Small words that change what is said: "not", "usually", "will", one name in the place of another. Pure.

These rules look only at sentences that otherwise follow their source closely, where they are seldom wrong.
"""

import re
from collections.abc import Iterator, Sequence

from copilot.grounding.alignment import STRICT, Aligned, Change, changes, cost, without_moved
from copilot.grounding.amounts import figures
from copilot.grounding.objection import Objection, Rule
from copilot.grounding.words import MOVABLE, NEGATIONS, RESTRICTIVE, content, tokens

CLOSE = 2.0  # distance of all other words
_AFTER = r"(?P<after>[^.;:,]{0,60})"
_HEDGED = re.compile(
    r"\b(?P<hedge>may|might|usually|normally|generally|often|mostly|typically|meistens|meist|normalerweise|suelen?"
    rf"|normalmente|généralement|habituellement)\b{_AFTER}",
    re.IGNORECASE,
)
_POSSIBLE = re.compile(rf"\b(?P<hedge>can|some|kann|können|puede|peut)\b{_AFTER}", re.IGNORECASE)
_SOFT = re.compile(
    r"\b(?:may|might|can|could|usually|normally|generally|often|mostly|typically|most|about|around|approximately"
    r"|perhaps|possib\w+|sometimes|as a rule|up to|meist\w*|normalerweise|in der Regel|kann|können|puede\w*|suele\w*"
    r"|peut|peuvent|normalmente|généralement|en général|habituellement)\b",
    re.IGNORECASE,
)
_CERTAIN = re.compile(
    r"\b(?:will|always|every|each|wird|werden|immer|jede\w*|siempre|cada|toujours|chaque)\b", re.IGNORECASE
)
_AUXILIARIES = MOVABLE | {"do", "doe", "did", "must", "should", "have", "also", "too", "please", "auch"}
_LARGE = re.compile(r"(?<=[\w,;] )[A-ZÀ-Þ][\w-]+|(?:^|(?<=[.;:] ))[A-ZÀ-Þ][\w-]+(?= ?[:–])", re.MULTILINE)
_ROLES = frozenset(
    tokens("owner admin administrator manager agent lead member guest user editor viewer teacher student buyer seller")
)
_HEAD = re.compile(r"(?:^|(?<=[.;] ))(?P<head>[A-ZÀ-Þ][\w-]*(?: [\w-]+){0,3}?)(?::| –) ")


def wording(claim: str, units: Sequence[str], nearest: Aligned) -> Iterator[Objection]:
    if units:
        yield from _stronger(claim, units)
        yield from _other_row(claim, units)
        yield from _one_word(claim, units, nearest)


def _stronger(claim: str, units: Sequence[str]) -> Iterator[Objection]:
    """ "Payouts arrive" where the source says "payouts usually arrive"; "will" and "each" for "can" and "some"."""
    if _SOFT.search(claim):
        return
    said = set(content(claim))
    unit = max(units, key=lambda each: len(said & set(content(each))))
    hedges = [*_HEDGED.finditer(unit), *(_POSSIBLE.finditer(unit) if _CERTAIN.search(claim) else ())]
    for found in hedges:
        if said.issuperset(content(found["after"])[:1] or [""]):
            yield Objection(Rule.STRONGER, found["hedge"])


def _other_row(claim: str, units: Sequence[str]) -> Iterator[Objection]:
    """A figure that only the rows of other plans have ("Solo: 1 mailbox. Team: 5 mailboxes.")."""
    heads = [found["head"] if (found := _HEAD.search(unit)) else "" for unit in units]
    rows = {head for head in heads if head}
    named = [head for head in rows if re.search(rf"\b{re.escape(head)}\b", claim)]
    if len(rows) < 2 or len(named) != 1:
        return
    own = [unit for head, unit in zip(heads, units, strict=True) if head in {"", named[0]}]
    others = [unit for head, unit in zip(heads, units, strict=True) if head not in {"", named[0]}]
    for figure in sorted((figures(claim) & figures("\n".join(others))) - figures("\n".join(own))):
        yield Objection(Rule.ROW, figure)


def _one_word(claim: str, units: Sequence[str], nearest: Aligned) -> Iterator[Objection]:
    """The source's sentence, but with or without "not", or with one name for another that the source has too."""
    if nearest.window is None:
        return
    left = without_moved(changes(nearest.window.words, tokens(claim)))
    named = _names(units)
    for change in left:
        rest = sum(cost(each, nearest.window.before) for each in left if each is not change)
        if rest <= CLOSE and _negates(change):
            yield Objection(Rule.NEGATION, " ".join(change.new or change.gone))
        elif rest <= STRICT and _swaps(change, named):
            yield Objection(Rule.SWAPPED, _as_written(change.new[0], claim))


def _negates(change: Change) -> bool:
    """Only "not" comes or goes; "not on the train" is a part of its own, which may be left out."""
    gone, new = set(change.gone), set(change.new)
    return bool(gone & NEGATIONS) != bool(new & NEGATIONS) and gone | new <= NEGATIONS | _AUXILIARIES


def _swaps(change: Change, named: frozenset[str]) -> bool:
    """One plan, role or product for another that the source has too."""
    return len(change.gone) == len(change.new) == 1 and named.issuperset(change.gone + change.new)


def _as_written(token: str, claim: str) -> str:
    return next((word for word in re.findall(r"[\w'’-]+", claim) if token in tokens(word)), token)


def _names(units: Sequence[str]) -> frozenset[str]:
    """Words that the source writes large inside a sentence or as the head of a row, and those for roles."""
    text = "\n".join(units)
    large = {word for found in _LARGE.finditer(text) for word in tokens(found[0])}
    return frozenset(large | (set(tokens(text)) & _ROLES)) - RESTRICTIVE
