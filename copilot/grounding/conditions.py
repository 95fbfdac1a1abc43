"""How much of a condition a sentence leaves out: "only by an administrator", "if the key is lost too". Pure."""

import re
from collections.abc import Iterator, Sequence

from copilot.grounding.words import content

_CONDITION = re.compile(
    r"\b(?:if|unless|only|except|as long as|provided|until|after|once|but not|wenn|nur|falls|sofern|solange|außer|bis"
    r"|si|solo|sólo|salvo|hasta|sauf|seulement|jusqu|sous réserve)\b",
    re.IGNORECASE,
)
_ONLY = frozenset({"only", "nur", "solo", "sólo", "seulement"})  # of the words above: they limit their own clause
# Before a verb: "is barred and can book only here", not "lunch and dinner are served only here".
_AND = re.compile(
    r"\b(?:and|but|und|aber|y|pero|et|mais)\s(?=(?:can|cannot|may|must|will|is|are|has|have|kann|können|muss|müssen|darf"
    r"|dürfen|wird|werden|ist|sind|hat|haben|puede|pueden|debe|es|son|peut|peuvent|doit|est|sont)\b)",
    re.IGNORECASE,
)
_END = re.compile(r"[,;:.]\s")
_SENTENCE = re.compile(r"[;:.]\s")
_SHORT = 3  # words: less than this before a condition is no main clause


def left_out(claim: str, units: Sequence[str]) -> float:
    """0 to 1: near 1 if the sentence says what a unit says, without the unit's condition."""
    said = frozenset(content(claim))
    return max(
        (_share(main, said) * (1 - _share(condition, said)) for unit in units for main, condition in _conditions(unit)),
        default=0.0,
    )


def _conditions(unit: str) -> Iterator[tuple[list[str], list[str]]]:
    """The words of each main clause and of its condition."""
    for found in _CONDITION.finditer(unit):
        condition = _END.split(unit[found.end() :])[0]
        if len(unit[: found.start()].split()) > _SHORT:
            main = _SENTENCE.split(unit[: found.start()])[-1]
            if found[0].lower() in _ONLY:
                main = next((clause for clause in reversed(_AND.split(main)) if content(clause)), main)
        else:
            main = _SENTENCE.split(unit[found.end() + len(condition) :])[0]
        words = content(main), content(condition)
        if all(words):
            yield words


def _share(words: Sequence[str], said: frozenset[str]) -> float:
    return sum(word in said for word in words) / len(words)
