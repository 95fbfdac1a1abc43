"""What a sentence may never say unless its source does. Pure.

The model that checks sentences overlooks a changed digit more often than a changed meaning; these rules do not. They
only object: a sentence without objections is not yet supported.
"""

from collections.abc import Iterator, Sequence

from copilot.grounding.alignment import STRICT, Aligned, closest
from copilot.grounding.amounts import amounts, numbers
from copilot.grounding.false_friends import false_friends
from copilot.grounding.names import addresses, names
from copilot.grounding.negation import negations
from copilot.grounding.objection import Objection
from copilot.grounding.promises import promises
from copilot.grounding.steps import order
from copilot.grounding.untranslated import untranslated
from copilot.grounding.wording import wording


def objections(
    claim: str,
    units: Sequence[str],
    language: str = "en",
    *,
    nearest: Aligned | None = None,
    same_language: bool = True,
    source_language: str = "",
) -> tuple[Objection, ...]:
    """Everything in the sentence that the units do not say.

    `nearest`: the sentence's place in the units, if it is already known. `source_language`: of the units, if known.
    """
    nearest = nearest or closest(claim, units)
    found = [*_facts(claim, "\n".join(units), language, same_language)]
    if nearest.distance > STRICT:
        found += promises(claim, "\n".join(units), same_language)
    if nearest.distance > STRICT and source_language == "en" and language not in {"", "en"}:
        found += [*untranslated(claim, "\n".join(units)), *false_friends(claim, "\n".join(units), language)]
    if nearest.distance > STRICT and same_language:
        found += [*wording(claim, units, nearest), *negations(claim, units), *order(claim, units)]
    return tuple(dict.fromkeys(found))


def _facts(claim: str, source: str, language: str, same_language: bool) -> Iterator[Objection]:
    yield from amounts(claim, source)
    yield from numbers(claim, source, language)
    yield from addresses(claim, source)
    yield from names(claim, source, language, same_language)
