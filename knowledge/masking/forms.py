"""The forms of a text that is searched or stored: without personal data. Both use the tagger.

What is searched has no placeholders either, which would be words of the query. A name may be a word of the question:
"does the Jordan plan have SSO". A word of a name stays if it stands in a public article, which everybody can read. In
what somebody types into a search field, a name of a single word stays too: it may be a product, and nobody knows whose.
"""

import re
from collections.abc import Collection, Iterable, Sequence

from knowledge.index import lexical
from knowledge.masking import find, names, people, replaced, tagger, tidy
from knowledge.masking.all_kinds import find_all
from knowledge.masking.text import Span
from knowledge.models import Article, Chunk

WORD = re.compile(r"[^\W\d_]{3,}")
MOST = 20  # words that are looked up
PASSAGES = 30  # with a word, that are read


def warm() -> None:
    """Load the tagger and the patterns before the first message."""
    for_storage("Hello")


def for_storage(text: str) -> str:
    """With `<email>`, `<person>` and so on instead of the values, which are lost."""
    text = tidy(text)
    return replaced(text, find_all(text, tagger.words(text)))


def for_search(text: str) -> str:
    """What somebody typed into a search field. If there are only names in it, they stay: nothing else is asked."""
    text = tidy(text)
    spans = [span for span in find_all(text, tagger.words(text)) if not _is_one_word(text, span)]
    rest = without(text, spans, words_of_articles(text, spans))
    if not lexical.content_words(rest):
        rest = without(text, find(text), set())
    return " ".join(rest.split())


def without(text: str, spans: Iterable[Span], kept: Collection[str]) -> str:
    """The text without the spans, but for words of names that are `kept`."""
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], words_to_keep(text, span, kept)]
        at = span.end
    return "".join([*parts, text[at:]])


def words_to_keep(text: str, span: Span, kept: Collection[str]) -> str:
    if span.kind != "PERSON":
        return ""
    return " ".join(word for word in WORD.findall(text[span.start : span.end]) if word.lower() in kept)


def words_of_articles(text: str, spans: Iterable[Span]) -> set[str]:
    """The words of names, in small letters, that stand in a public article."""
    said = {word.lower() for span in spans if span.kind == "PERSON" for word in _names(text, span)}
    return _in_articles(sorted(said)[:MOST])


def _names(text: str, span: Span) -> Iterable[str]:
    """Without "Dr." and "van der", which stand in many articles."""
    for word in WORD.findall(text[span.start : span.end]):
        if word.lower() not in names.PARTICLES and not people.is_title(word):
            yield word


def _is_one_word(text: str, span: Span) -> bool:
    return span.kind == "PERSON" and len(text[span.start : span.end].split()) == 1


def _in_articles(asked: Sequence[str]) -> set[str]:
    """The index finds other forms of a word too, so the passages are read."""
    if not asked:
        return set()
    frequencies, _ = lexical.INDEX.frequencies(asked)
    return {word for word, number in zip(asked, frequencies, strict=True) if number and _is_public(word)}


def _is_public(word: str) -> bool:
    found = [row for row, _ in lexical.INDEX.search(word, PASSAGES)]
    public = Chunk.objects.filter(pk__in=found, article__audience=Article.Audience.PUBLIC)
    there = public.values_list("revision__title", "heading_path", "text")
    form = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    return any(form.search(" ".join(texts)) for texts in there)
