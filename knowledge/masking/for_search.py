"""The form of a text that is searched: no personal data and no placeholders, which would be words of the query.

A name of somebody may be a word of the question: "does the Jordan plan have SSO". It stays if it also stands in a
published article, which everybody can read.
"""

import re
from collections.abc import Iterable, Sequence

from knowledge.index import lexical
from knowledge.masking import find_all, tagger, tidy
from knowledge.masking.text import Span

WORD = re.compile(r"[^\W\d_]{2,}")


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
