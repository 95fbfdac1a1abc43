"""Whether a reply greets the customer by the right name. Pure."""

import re
from collections.abc import Iterator

from copilot.presend.facts import Facts
from copilot.presend.findings import Code, Finding
from copilot.presend.phrases import pattern
from knowledge.masking.names import GREETING, parts

_TITLES = r"(?:mr|mrs|ms|miss|dr|prof|herr|herrn|frau|señora?|sr|sra|monsieur|madame|m|mme)\.?"
_CAPITAL = r"(?-i:[A-ZÀ-Þ])[\w'’-]{1,30}"
_GREETING = re.compile(
    rf"\s{{0,20}}(?:{GREETING}) (?P<titles>(?:{_TITLES} ){{0,2}})(?P<name>{_CAPITAL}(?: {_CAPITAL}){{0,2}})"
    r"[ \t]{0,3}(?=[,!.:\n]|$)",
    re.IGNORECASE,
)
_LINE = re.compile(rf"\s{{0,20}}(?:{GREETING})(?!\w)[^\n]{{0,60}}(?:\n\s*|$)", re.IGNORECASE)
_NOBODY = pattern("nobody")
ALIKE = 3  # letters that a short form has in common with a name: "Tom", "Tomas"


def greeting(text: str, facts: Facts) -> Iterator[Finding]:
    found = _GREETING.match(text)
    if found is None:
        return
    said = [word for word in found["name"].split() if not _NOBODY.fullmatch(word)]
    if not said or any(_is_known(word, facts) for word in said):
        return
    start, end = found.span("name")
    own = {part.casefold() for part in parts(facts.member)}
    mend = _name(said, bool(found["titles"]), facts.customer)
    if own & {word.casefold() for word in said}:
        yield Finding(Code.OWN_NAME, start, end, found["name"], mend)
    elif facts.customer:
        yield Finding(Code.GREETING, start, end, found["name"], mend, facts.customer)


def end_of_greeting(text: str) -> int:
    """Where the body begins."""
    found = _LINE.match(text)
    return found.end() if found else 0


def _is_known(word: str, facts: Facts) -> bool:
    """The customer has this name, a longer form of it, or signs with it."""
    small = word.casefold()
    names = [part.casefold() for part in facts.customer.replace("@", " ").split()]
    if any(name.startswith(small[:ALIKE]) or small in name for name in names if len(small) >= ALIKE) or small in names:
        return True
    return bool(re.search(rf"(?<!\w){re.escape(small)}(?!\w)", "\n".join(facts.signed).casefold()))


def _name(said: list[str], titled: bool, customer: str) -> str | None:
    """As much of the customer's name as the greeting has of the wrong one."""
    names = parts(customer)
    if not names or "@" in customer:
        return None
    return names[-1] if titled and len(said) == 1 else names[0] if len(said) == 1 else " ".join(names)
