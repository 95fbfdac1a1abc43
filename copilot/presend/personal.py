"""Personal data in a reply: of whom it is, the database says (lookups.py). Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from copilot.presend.facts import Facts
from copilot.presend.findings import Code, Finding
from copilot.presend.phrases import any_of
from copilot.redaction.spelling import bare, key
from knowledge import masking

KINDS = frozenset("EMAIL PHONE IBAN CARD ACCOUNT WALLET BIRTHDATE PASSPORT TAX ID".split())  # noqa: SIM905
NUMBER, NAME = "NUMBER", "NAME"  # kinds besides those of masking: of an order or customer, and of a person
MOST = 60  # values of one reply that are looked up
LEAST_DIGITS = 4  # of an order number
_NUMBERED = re.compile(
    any_of("numbered") + r"[ .:#°№-]{0,3}(?:(?:id|no|nr|num|number|nummer|número|numéro|n)[ .:#°-]{0,3})?"
    r"(?P<value>(?=[A-Z0-9/-]{0,24}[0-9])[A-Z]{0,6}[-/]?[0-9][A-Z0-9/-]{2,24})(?![\w])",
    re.IGNORECASE,
)
# "Lena Haas": two or three words with a capital. The database decides which are names.
_NAMES = re.compile(r"(?<![\w'’-])[A-ZÀ-Þ][\w'’-]{1,30}(?=(?P<rest>(?: [A-ZÀ-Þ][\w'’-]{1,30}){1,2}))")


@dataclass(frozen=True)
class Personal:
    """A value of the reply that may be about a person."""

    start: int
    end: int
    kind: str
    value: str

    @property
    def key(self) -> str:
        return key(self.value)


def candidates(text: str, facts: Facts) -> list[Personal]:
    """What must be looked up: not what this ticket, the sources or we ourselves have said already."""
    known = _known(facts)
    first: dict[tuple[str, str], Personal] = {}
    for each in found(text):
        if each.key and each.key not in known:
            first.setdefault((each.kind, each.key), each)
    return list(first.values())[:MOST]


def _known(facts: Facts) -> str:
    """All open texts, as they are and as `key` writes them, in small letters."""
    everything = "\n".join(facts.open_texts)
    return f"{everything.casefold()}\n{bare(everything)}"


def numbers(text: str) -> Iterator[Personal]:
    """Numbers behind a word such as "order"."""
    for match in _NUMBERED.finditer(text):
        if sum(each.isdigit() for each in match["value"]) >= LEAST_DIGITS:
            yield Personal(*match.span("value"), NUMBER, match["value"])


@lru_cache(maxsize=8)
def found(text: str) -> tuple[Personal, ...]:
    """Every value that may be about a person. Several rules ask for those of the same text."""
    return tuple(_found(text))


def _found(text: str) -> Iterator[Personal]:
    spans = [span for span in masking.find(text) if span.kind in KINDS]
    for span in spans:
        yield Personal(span.start, span.end, span.kind, text[span.start : span.end])
    for each in numbers(text):
        if not any(span.start < each.end and each.start < span.end for span in spans):
            yield each
    for match in _NAMES.finditer(text):
        words = (match[0] + match["rest"]).split(" ")
        for count in range(2, len(words) + 1):
            name = " ".join(words[:count])
            yield Personal(match.start(), match.start() + len(name), NAME, name)


def personal(text: str, facts: Facts) -> Iterator[Finding]:
    if not (facts.others or facts.strangers or facts.namesakes):
        return
    for each in candidates(text, facts):
        if each.kind != NAME and each.key in facts.others:
            yield Finding(Code.OTHER_CUSTOMER, each.start, each.end, each.value)
        elif each.kind == "EMAIL" and each.key in facts.strangers:
            yield Finding(Code.UNKNOWN_ADDRESS, each.start, each.end, each.value)
        elif each.kind == NAME and each.key in facts.namesakes:
            yield Finding(Code.OTHER_NAME, each.start, each.end, each.value)
