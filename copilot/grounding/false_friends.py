"""Words of a translation that look like an English word of its source and mean something else. Pure."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from copilot.grounding.objection import Objection, Rule
from copilot.grounding.untranslated import without_quoted

FILE = Path(__file__).parent / "false_friends.toml"
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class FalseFriend:
    """As in false_friends.toml."""

    words: frozenset[str]
    english: frozenset[str]
    unless: frozenset[str]

    def is_meant(self, word: str, there: frozenset[str]) -> bool:
        return word in self.words and bool(self.english & there) and not self.unless & there


def false_friends(claim: str, source: str, language: str) -> Iterator[Objection]:
    """The words of `claim`, in `language`, that do not say what the English `source` says.

    Labels do not count: what is quoted, bold or a menu entry, and what the source writes large in the same way.
    """
    friends = _by_language().get(language, ())
    written = frozenset(_WORD.findall(source))
    there = frozenset(word.lower() for word in written)
    for found in _WORD.finditer(without_quoted(claim)):
        is_label = found[0][0].isupper() and found[0] in written
        if not is_label and any(friend.is_meant(found[0].lower(), there) for friend in friends):
            yield Objection(Rule.FALSE_FRIEND, found[0])


@cache
def _by_language() -> Mapping[str, Sequence[FalseFriend]]:
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {language: [_friend(**entry) for entry in entries] for language, entries in found.items()}


def _friend(words: Sequence[str], english: Sequence[str], unless: Sequence[str] = ()) -> FalseFriend:
    return FalseFriend(frozenset(words), frozenset(english), frozenset(unless))
