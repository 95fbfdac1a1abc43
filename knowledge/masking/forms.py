"""The forms of a text that is searched or stored: without personal data. Both use the tagger.

What is searched has no placeholders either, which would be words of the query. A name may be a word of the question:
"does the Jordan plan have SSO". A word of a name stays if it stands in a public article, which everybody can read. In
what somebody types into a search field, a name of a single word stays too: it may be a product, and nobody knows whose.
"""

import re
from collections.abc import Collection, Iterable, Sequence

from knowledge.index import lexical
from knowledge.masking import find, kind_of, names, replaced, tagger, tidy
from knowledge.masking.all_kinds import find_all
from knowledge.masking.text import Span
from knowledge.models import Article, Chunk

WORD = re.compile(r"[^\W\d_]{3,}")
SPACES = re.compile(r"[ \t]{2,}")
MOST = 20  # words that are looked up
PASSAGES = 60  # with one of them, that are read


def warm() -> None:
    """Load the tagger and the patterns before the first message."""
    for_storage("Hello")


def for_storage(text: str) -> str:
    """With `<email>`, `<person>` and so on instead of the values, which are lost."""
    text = tidy(text)
    return replaced(text, find_all(text, tagger.words(text)), kind_of)


def for_search(text: str) -> str:
    """What somebody typed into a search field. If there are only names in it, they stay: nothing else is asked."""
    text = tidy(text)
    spans = [span for span in find_all(text, tagger.words(text)) if not _is_one_word(text, span)]
    kept = words_of_articles(people_in(text, spans))
    rest = replaced(text, spans, lambda span: words_to_keep(text, span, kept))
    if spans and not lexical.content_words(rest):
        rest = replaced(text, find(text), lambda span: "")
    return rest if rest == text else SPACES.sub(" ", rest).strip()


def words_to_keep(text: str, span: Span, kept: Collection[str]) -> str:
    if span.kind != "PERSON":
        return ""
    return " ".join(word for word in WORD.findall(text[span.start : span.end]) if word.lower() in kept)


def people_in(text: str, spans: Iterable[Span]) -> list[str]:
    return [text[span.start : span.end] for span in spans if span.kind == "PERSON"]


def words_of_articles(people: Iterable[str]) -> set[str]:
    """The words of these names, in small letters, that stand in a public article. At most three queries.

    The index finds other forms of a word too, so passages are read.
    """
    said = {part.lower() for name in people for part in names.parts(name) if not names.is_title(part)}
    asked = sorted(word for word in said if WORD.fullmatch(word))[:MOST]
    frequencies = lexical.INDEX.frequencies(asked)[0] if asked else []
    known = [word for word, number in zip(asked, frequencies, strict=True) if number]
    return _in_public_articles(known).intersection(known) if known else set()


def _in_public_articles(asked: Sequence[str]) -> set[str]:
    """The words, in small letters, of the passages that have one of these."""
    found = [row for row, _ in lexical.INDEX.search(" ".join(asked), PASSAGES)]
    public = Chunk.objects.filter(pk__in=found, article__audience=Article.Audience.PUBLIC)
    texts = public.values_list("revision__title", "heading_path", "text")
    return {word.lower() for passage in texts for word in WORD.findall(" ".join(passage))}


def _is_one_word(text: str, span: Span) -> bool:
    return span.kind == "PERSON" and len(text[span.start : span.end].split()) == 1
