"""The forms of a text that is searched or stored: without personal data. Both use the tagger.

What is searched has no placeholders either, which would be words of the query. And a name of somebody may be a word of
the question: "does the Jordan plan have SSO". It stays if it also stands in a published article, which everybody can
read.
"""

import re
from collections.abc import Iterable, Sequence

from knowledge.index import lexical
from knowledge.masking import replaced, tagger, tidy
from knowledge.masking.all_kinds import find_all
from knowledge.masking.text import Span

WORD = re.compile(r"[^\W\d_]{2,}")


def warm() -> None:
    """Load the tagger and the patterns before the first message."""
    for_storage("Hello")


def for_storage(text: str) -> str:
    """With `<email>`, `<person>` and so on instead of the values, which are lost."""
    text = tidy(text)
    return replaced(text, find_all(text, tagger.words(text)))


def for_search(text: str) -> str:
    """What somebody typed into a search field, without what is personal in it."""
    text = tidy(text)
    spans = find_all(text, tagger.words(text))
    kept = in_articles(text, spans)
    parts, at = [], 0
    for span in spans:
        if span not in kept:
            parts.append(text[at : span.start])
            at = span.end
    return "".join([*parts, text[at:]])


def in_articles(text: str, spans: Iterable[Span]) -> set[Span]:
    """The names of others of which a word stands in an article."""
    people = [span for span in spans if span.kind == "PERSON"]
    words = {word for span in people for word in _words(text, span)}
    known = lexical.in_articles(words) if words else set()
    return {span for span in people if known.intersection(_words(text, span))}


def _words(text: str, span: Span) -> Sequence[str]:
    return [word.lower() for word in WORD.findall(text[span.start : span.end])]
