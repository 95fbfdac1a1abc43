"""What a rule says against a sentence. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    AMOUNT = "amount"
    TIME = "time"
    NUMBER = "number"
    ROW = "row"
    ADDRESS = "address"
    NAME = "name"
    PROMISE = "promise"
    NEGATION = "negation"
    STRONGER = "stronger"
    ORDER = "order"
    SWAPPED = "swapped"
    UNTRANSLATED = "untranslated"
    FALSE_FRIEND = "false_friend"


@dataclass(frozen=True)
class Objection:
    """`words`: what the sentence says and its source does not.

    Where something is missing from the sentence ("stronger", and "negation" by the source), what the source says.
    """

    rule: Rule
    words: str
