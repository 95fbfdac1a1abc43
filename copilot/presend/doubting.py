"""The model's doubts about what a person wrote: they come after the rules and never hold a reply back."""

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence

from django.core.cache import cache

from copilot.grounding import checking, verdicts
from copilot.grounding.verdicts import BothWays, Support
from copilot.llm import Model, ModelError
from copilot.models import Draft
from copilot.presend.facts import Facts
from copilot.presend.findings import Code, Finding
from copilot.provenance.origins import Origin, Sentence
from copilot.redaction import Masker
from knowledge.index.lexical import content_words
from tickets import languages

STATEMENTS = 4  # sentences of one reply that the model is asked about
SECONDS = 10
KEPT = 3600  # seconds that an answer of the model is kept
UNITS, SOURCE = 9, 5000  # units and characters of the source
LEAST = 3  # content words of a statement
# What somebody does, feels, asks or wishes is not in a source.
_NO_STATEMENT = re.compile(
    r"\W*(?:i|we|i['’]\w+|we['’]\w+|my|our colleagues?|sorry|thank\w*|thanks|please|feel free|let (?:me|us)"
    r"|if you|hope\w*"
    r"|ich|wir|mein\w*|es tut|vielen dank|danke|bitte|lamento|gracias|siento|je|nous|merci)(?!\w)|.*[?？]\W*$",
    re.IGNORECASE | re.DOTALL,
)


def statements(text: str, sentences: Sequence[Sentence]) -> list[Sentence]:
    """The sentences by a person that say how something is."""
    by_person = [each for each in sentences if each.origin is Origin.PERSON]
    return [each for each in by_person if _states(text[each.start : each.end])][:STATEMENTS]


def _states(sentence: str) -> bool:
    return len(content_words(sentence)) >= LEAST and not _NO_STATEMENT.match(sentence)


async def doubts(
    text: str, sentences: Sequence[Sentence], facts: Facts, model: Model, draft: Draft | None, masker: Masker
) -> list[Finding]:
    """None where there is no source, no model, or one that nobody measured. The model reads masked sentences."""
    asked, units = statements(text, sentences), [unit[: SOURCE // UNITS * 2] for unit in facts.evidence[:UNITS]]
    weights = checking.weights_of_writer()
    if not asked or not units or weights is None:
        return []
    claims = [text[each.start : each.end] for each in asked]
    source = "\n".join(units)[:SOURCE]
    spoken, read = languages.detect(text), languages.detect(source)
    languages_known = {"language": spoken or read, "source_language": read if spoken else ""}
    same = not (spoken and read) or spoken == read
    masked = {claim: masker.mask(claim) for claim in claims}
    own = {masked[claim]: checking.unit_of(claim, units, same) for claim in claims}
    known = await _answers(own, source, model, draft)
    found = []
    for place, claim in zip(asked, claims, strict=True):
        if (said := known.get(masked[claim])) is not None:
            verdict = verdicts.decide(claim, units, said=said, weights=weights, **languages_known)
            if verdict.support is Support.UNSUPPORTED:
                found.append(Finding(Code.DOUBT, place.start, place.end, claim))
    return found


def _key(claim: str, source: str) -> str:
    return f"doubt:3:{hashlib.sha256(repr((claim, source)).encode()).hexdigest()}"


async def _answers(own: Mapping[str, str], source: str, model: Model, draft: Draft | None) -> dict[str, BothWays]:
    """Of those that the model answered in time. Nobody waits twice for the same sentence: agents write on.

    `own`: for each claim, masked, its unit.
    """
    keys = {claim: _key(claim, source) for claim in own}
    kept = cache.get_many(keys.values())
    known = {claim: kept[key] for claim, key in keys.items() if key in kept}
    new = [claim for claim in keys if claim not in known]
    try:
        async with asyncio.timeout(SECONDS):
            units = [own[claim] for claim in new]
            said = await checking.both_ways(new, source, units, model, "interactive", draft) if new else []
    except (ModelError, TimeoutError):
        return known
    found = {claim: answer for claim, answer in zip(new, said, strict=True) if answer is not None}
    cache.set_many({keys[claim]: answer for claim, answer in found.items()}, KEPT)
    return known | found
