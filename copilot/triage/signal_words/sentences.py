"""A text as sentences of words that can be compared."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

Span = tuple[int, int]

CJK = "\u3005\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f"
# Accents written by themselves, and the vowels of Arabic and Hindi, which are no letters to `re`.
_SIGNS = "\u0300-\u036f\u064b-\u0655\u0900-\u0903\u093a-\u094f"
_LETTERS = rf"[^\W_{CJK}](?:[^\W_{CJK}]|[{_SIGNS}])*"
_TOKEN = re.compile(
    rf"(?P<word><[a-z]+(?:_\d+)?>|[{CJK}]|{_LETTERS}(?:['’ʼ´`]{_LETTERS})*)"
    # A long line is only wrapped, so its end isn't the sentence's. Nor is the point of a title.
    r"|(?P<end>[!?…。！？]|(?<!\b(?:mr|ms|dr|hr|fr|sr))(?<!\b(?:mrs|sra|sig|mme))\.(?=\W|$)|\n\s*\n|(?<!.{50})\n)"
    r"|(?P<pause>[,;:()\[\]\"“”„«»—–、，；：])",
    re.IGNORECASE,
)
_APOSTROPHES = re.compile("['’ʼ´`]")
_MARKS = re.compile("[\u0300-\u036f\u064b-\u0655]")
_LIKE_LATIN = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe"})


@dataclass
class Sentence:
    """The words of a sentence as they are compared, where they stand in the text, and the clause of each."""

    words: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    clauses: list[int] = field(default_factory=list)


def sentences(text: str, but: frozenset[str]) -> Iterator[Sentence]:
    sentence, clause = Sentence(), 0
    for match in _TOKEN.finditer(text):
        if match.lastgroup == "word":
            for word, start, end in _words(match.group(), match.start()):
                clause += word in but
                sentence.words.append(word)
                sentence.spans.append((start, end))
                sentence.clauses.append(clause)
        elif match.lastgroup == "pause":
            clause += 1
        elif len(sentence.words) == 1:
            # A word alone belongs to what follows: "Agent. Now."
            clause += 1
        elif sentence.words:
            yield sentence
            sentence, clause = Sentence(), 0
    if sentence.words:
        yield sentence


def _words(token: str, offset: int = 0) -> Iterator[tuple[str, int, int]]:
    """The words in the token: "don't" is one, as it is without its apostrophe; "l'avocat" is two."""
    start = 0
    for apostrophe in _APOSTROPHES.finditer(token):
        following = _APOSTROPHES.search(token, apostrophe.end())
        if (following.start() if following else len(token)) - apostrophe.end() > 2:
            yield _folded(token[start : apostrophe.start()]), offset + start, offset + apostrophe.start()
            start = apostrophe.end()
    yield _folded(token[start:]), offset + start, offset + len(token)


@lru_cache(maxsize=8192)
def _folded(word: str) -> str:
    """The word without capitals, accents and apostrophes, and a placeholder without its number."""
    if word.startswith("<"):
        return word.lower().partition("_")[0].rstrip(">") + ">"
    if not word.isascii():
        plain = _MARKS.sub("", unicodedata.normalize("NFKD", word.casefold()))
        word = unicodedata.normalize("NFKC", plain).translate(_LIKE_LATIN)
    return _APOSTROPHES.sub("", word).lower()


def words_of(text: str) -> list[str]:
    """The words of a short text, without regard to sentences."""
    tokens = (match.group() for match in _TOKEN.finditer(text) if match.lastgroup == "word")
    return [word for token in tokens for word, _, _ in _words(token)]
