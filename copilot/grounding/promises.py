"""Promises that the source does not make: money, goods, and what a colleague would have to do. Pure."""

import re
from collections.abc import Iterator

from copilot.grounding.objection import Objection, Rule

_FUTURE = re.compile(
    r"\b(?:we|i)(?:['’]ll| will| are going to| am going to| shall| promise to| can assure you)\s+"
    r"(?:\w+ly |not |also |then |now |be )?(?P<verb>\w+)",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\b(?:i|we)(?:['’]ve| have)(?: already| just| now)?\s+(?P<verb>\w+(?:ed|en|nt|ut|id))\b"
    r"|\b(?:your|the) [\w ]{2,30} has (?:already |just )?been (?P<passive>\w+ed)\b",
    re.IGNORECASE,
)
_ABROAD = re.compile(
    r"\bwir (?:werden|garantieren)\b[^.]*?\b(?P<de>\w+(?:en|ern|eln))\b(?=\s*[.,!]|$)"
    r"|\b(?P<de2>\w+(?:en|ern|eln)) wir (?:uns|Ihnen|Sie|euch|dir|dich)\b"
    r"|\b(?:le|les|te) (?P<es>\w+(?:remos|aré|eré|iré))\b|\b(?:nous|je) (?:vous )?(?P<fr>\w+(?:rons|rai))\b",
    re.IGNORECASE,
)
_GUARANTEE = re.compile(r"\b(?:guarantee[ds]?|garantier\w+|garantiz\w+|garantissons|garantimos)\b", re.IGNORECASE)
_ACTION = re.compile(
    r"(?:refund|reimburs|pay|repay|credit|send|ship|deliver|replac|cancel|delet|remov|restor|waiv|give|grant|extend|call"
    r"|contact|phone|email|write|reply|get|fix|repair|resolv|ensur|make|transfer|upgrad|compensat|cover|arrang|process"
    r"|issue|add|rais|keep|reset|unlock|put|ask|find|move|bring|take|look|check|forward|return|correct|change|update|set"
    r"|erstatt|send|schick|liefer|ersetz|lösch|kündig|zahl|rufen|meld|kontakt|gutschreib|behe|sorg"
    r"|reembols|devol|envi|llam|elimin|reemplaz|abon|solucion|rembours|envo|appel|annul|suppri|remplac)",
    re.IGNORECASE,
)
_OURS = re.compile(
    r"\b(?:we|us|our|support|team|colleague|wir|uns|unser\w*|nosotros|nuestr\w+|nous|notre|equipo|équipe)\b",
    re.IGNORECASE,
)


def promises(claim: str, source: str, same_language: bool = True) -> Iterator[Objection]:
    """A promise stands only where the source says that we do this; in another language, that we do anything."""
    for found in _GUARANTEE.finditer(claim):
        if found[0].lower()[:6] not in source.lower():
            yield Objection(Rule.PROMISE, found[0])
    for pattern in (_FUTURE, _DONE, _ABROAD):
        for found in pattern.finditer(claim):
            verb = next(filter(None, found.groups())).lower()
            if _ACTION.match(verb) and not _is_ours(verb if same_language else "", source):
                yield Objection(Rule.PROMISE, found[0])


def _is_ours(verb: str, source: str) -> bool:
    """The source has the verb, and not only as what the customer is told to do ("Send the reading")."""
    stem = re.escape(verb[:5].rstrip("e"))
    return bool(_OURS.search(source) and re.search(rf"(?<![.:!?;] )(?<!^)(?<!\d\. )\b{stem}", source, re.I | re.M))
