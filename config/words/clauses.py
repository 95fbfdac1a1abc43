"""What a full-text search asks for, in terms (terms.py). Pure."""

from typing import NamedTuple

from config.words.terms import is_unspaced, joined, parts


class Phrase(NamedTuple):
    """Terms that follow each other. `begins`: the last one may be the beginning of a longer one.

    Terms are letters and digits only, so they are safe inside the query languages of the databases.
    """

    terms: tuple[str, ...]
    begins: bool = False


Choice = tuple[Phrase, ...]  # any of them


def exactly(word: str) -> Choice:
    """One form only: two would count a word with a hyphen twice. A single letter of a script without spaces is stored
    only as the beginning of a pair."""
    return (Phrase((joined(word),) if joined(word) else parts(word), len(word) == 1 and is_unspaced(word)),)


def beginning(word: str) -> Choice:
    """With and without its hyphens, and the end may be missing."""
    together = joined(word)
    return tuple(Phrase(each, True) for each in ((parts(word), (together,)) if together else (parts(word),)))
