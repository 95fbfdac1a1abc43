"""What the source denies and the sentence says, and the other way round. Pure.

Only clauses whose every word the other side has are compared, so that few sentences are objected to wrongly.
"""

import re
from collections.abc import Iterator, Sequence

from copilot.grounding.objection import Objection, Rule
from copilot.grounding.words import content

_CLAUSE = re.compile(
    r"(?<=[.!?;:])\s+|,\s+|\n+|\s+[–—]\s+|\s+(?=(?:but|aber|pero|mais|sondern|and|und|y|et)\s)", re.IGNORECASE
)
_PLAIN_NOT = r"not|never|cannot|\w+n['’]t|nicht|nie|niemals|nunca|pas|jamais|kein\w*|ning[uú]n\w*|aucun\w*"
_DENIED = re.compile(rf"\b(?:{_PLAIN_NOT}|no)\b", re.IGNORECASE)
# Everything by which a sentence may say the same in another way.
_NEGATIVE = re.compile(
    rf"\b(?:{_PLAIN_NOT}|no|none|nobody|nothing|neither|nor|without|unless|except|only|instead|rather|stop\w*|block\w*"
    r"|refus\w*|exclu\w*|un\w{4,}|im\w{4,}|other than|stay behind|ohne|nur|außer|nein|sin|salvo|solo|sólo|ni|sans|sauf"
    r"|ne|n['’]\w+|seulement|non)\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(r"^(?:\d+[.)] |- )?(?:if|unless|until|when|wenn|falls|si|s['’]ils?)\b", re.IGNORECASE)
# "the former owner does not", "nach einem Nachfüllen nicht": the verb is in the clause before.
_SHORT = re.compile(
    r"^(?:but |and |aber |mais |pero )?(?:[\w'’-]+ ){1,6}?"
    r"(?:(?:do|does|did|can|is|are|will) ?not|cannot|nicht)\W*$",
    re.IGNORECASE,
)


def negations(claim: str, units: Sequence[str]) -> Iterator[Objection]:
    source = [clause for unit in units for clause in _CLAUSE.split(unit)]
    if _NEGATIVE.search(claim):
        yield from _denied_by_claim(claim, source)
    else:
        yield from _denied_by_source(claim, source)


def _denied_by_source(claim: str, source: Sequence[str]) -> Iterator[Objection]:
    said = set(content(claim))
    for clause in source:
        words = set(content(clause))
        enough = len(words) >= 2 or _SHORT.match(clause)
        if words and enough and words <= said and _DENIED.search(clause) and not _CONDITION.match(clause):
            yield Objection(Rule.NEGATION, clause.strip())


def _denied_by_claim(claim: str, source: Sequence[str]) -> Iterator[Objection]:
    for part in _CLAUSE.split(claim):
        words = set(content(part))
        if len(words) < 2 or not _DENIED.search(part):
            continue
        same = [clause for clause in source if words <= set(content(clause))]
        if same and not any(map(_NEGATIVE.search, same)):
            yield Objection(Rule.NEGATION, part.strip())
