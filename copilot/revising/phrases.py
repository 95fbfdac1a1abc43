"""Sentences that need no model: of regret or thanks, a friendly last one, and a question for what is missing.

They come from `phrases.toml`, so they state and promise nothing. Pure but for reading that file.
"""

import tomllib
from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path

from copilot.drafting import composing
from copilot.revising.parts import Part
from copilot.revising.words import pattern

MOODS = ("upset", "trouble", "kind", "question")


@cache
def phrases() -> dict[str, dict[str, str]]:
    """Language, or language and form of address → name → text."""
    return tomllib.loads((Path(__file__).parent / "phrases.toml").read_text(encoding="utf-8"))


def mood(message: str) -> str:
    """How the customer writes."""
    return next((name for name in MOODS[:-1] if pattern("moods", name).search(message)), MOODS[-1])


def form(language: str, text: str) -> str:
    """The name of the phrases that fit the text, in its form of address."""
    informal = f"{language}-informal"
    return informal if informal in phrases() and pattern("informal", language).search(text) else language


def is_phrase(text: str) -> bool:
    return any(text in of.values() for of in phrases().values())


def said_in(text: str, language: str) -> str | None:
    """The same phrase in another language; None if it is none of ours, or has no such form."""
    name = next((name for of in phrases().values() for name, said in of.items() if said == text), None)
    return phrases().get(language, {}).get(name) if name else None


def warmed(parts: Sequence[Part], form: str, message: str) -> list[Part]:
    """With a sentence of regret or thanks before the answer and a friendly one behind it, where there is none."""
    said = phrases()[form]
    there = {part.text for part in parts}
    warmed = list(parts)
    if not there & {said[name] for name in MOODS}:
        _put(warmed, _first(warmed), said[mood(message)])
    if said["closing"] not in there:
        _put(warmed, _last(warmed), said["closing"])
    return warmed


def asked_for(parts: Sequence[Part], form: str, details: Sequence[str], greeting: str) -> list[Part]:
    """With a question for the `details` before the closing; behind `greeting` where there is no text yet."""
    said = phrases()[form]
    points = "".join(f"\n- {said[each]}" for each in details)
    asked = list(parts) if any(part.shown.strip() for part in parts) else [Part("", greeting, fixed=True)]
    _put(asked, _last(asked, said["closing"]), said["ask"] + points)
    return asked


def greeting_in(part: Part, language: str, known: Collection[str]) -> Part:
    return Part(part.gap, composing.greeting(language, known), fixed=True, start=part.start)


def _put(parts: list[Part], at: int, text: str) -> None:
    """As a paragraph of its own."""
    follows = at < len(parts) and bool(parts[at].shown)
    parts.insert(at, Part("\n\n" if at else "", text))
    if follows:
        after = parts[at + 1]
        parts[at + 1] = Part(
            after.gap if "\n\n" in after.gap else "\n\n", after.shown, after.marks, after.fixed, after.start
        )


def _first(parts: Sequence[Part]) -> int:
    """Behind the greeting."""
    return next((at for at, part in enumerate(parts) if not part.fixed), len(parts))


def _last(parts: Sequence[Part], closing: str = "") -> int:
    """Before sign-off and friendly last sentence."""
    at = len(parts)
    while at > 1 and (parts[at - 1].fixed or (closing and parts[at - 1].text == closing)):
        at -= 1
    return at
