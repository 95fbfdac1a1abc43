"""What somebody has typed into the search: words, "words in sequence", -words that must not occur, or a number. Pure.

Any other sign is a mere separator, so any text is a safe query.
"""

import re
import unicodedata
from dataclasses import dataclass, replace

from config.numbers import whole
from config.words import endings
from config.words.clauses import Choice, Phrase, beginning, exactly
from config.words.terms import fold, indexed, is_unspaced, words

LONGEST = 4000  # characters
TERMS = 60  # of one phrase
PHRASES = 20  # and as many words that must not occur
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
TOKEN = re.compile(r'(?P<minus>(?<!\S)-(?=[^\s-]))?(?:"(?P<phrase>[^"]*)(?P<closed>"?)|(?P<text>[^\s"]+))')
# Words that other search engines know as operators. Nobody looks for them.
OPERATOR = re.compile(r"(?<![\w-])(?:AND|OR|NOT|NEAR)(?![\w-])")


@dataclass(frozen=True)
class Word:
    """A word outside of quotation marks. `near`: words that are searched in its place, because no ticket has it."""

    written: str
    near: tuple[str, ...] = ()

    @property
    def choice(self) -> Choice:
        if self.near:
            return tuple(Phrase((term,)) for term in self.near)
        return (*beginning(self.written), *(Phrase((form,)) for form in endings.shorter(fold(self.written))))


@dataclass(frozen=True)
class Query:
    """Every word and every phrase must occur, and nothing of `without`."""

    words: tuple[Word, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    without: tuple[Choice, ...] = ()

    @property
    def every(self) -> tuple[Choice, ...]:
        return (*(word.choice for word in self.words), *((phrase,) for phrase in self.phrases))

    def with_near(self, near: dict[str, tuple[str, ...]]) -> "Query":
        """`near`: words to search in place of some."""
        return replace(self, words=tuple(Word(each.written, near.get(each.written, ())) for each in self.words))


def parse(text: str) -> Query:
    found = _parsed(text[:LONGEST].translate(QUOTES))
    if found.every or not found.without:
        return found
    return Query(tuple(map(Word, words(text[:LONGEST]))))  # only what must not occur: then it is searched


def number(text: str) -> int | None:
    """The number that is all of the query: "150" or "#150"."""
    return whole(unicodedata.normalize("NFKC", text).strip().removeprefix("#"))


def _parsed(text: str) -> Query:
    plain: list[str] = []
    phrases: list[Phrase] = []
    without: list[Choice] = []
    for token in TOKEN.finditer(text):
        said = token["phrase"] if token["text"] is None else token["text"]
        if token["minus"]:
            without += _unwanted(said, token["text"] is not None)
        elif token["text"] is None:
            phrase = _phrase(said, unfinished=not token["closed"])
            phrases += [phrase] if phrase else []
        else:
            plain.append(said)
    return Query(tuple(map(Word, _words(" ".join(plain)))), tuple(phrases[:PHRASES]), tuple(without[:PHRASES]))


def _words(text: str) -> list[str]:
    return words(OPERATOR.sub(" ", text)) or words(text)


def _unwanted(text: str, is_word: bool) -> list[Choice]:
    found = words(text)
    if is_word and len(found) == 1:
        return [tuple(dict.fromkeys((*exactly(found[0]), *(Phrase(each.terms) for each in beginning(found[0])))))]
    phrase = _phrase(text)
    return [(phrase,)] if phrase else []


def _phrase(text: str, unfinished: bool = False) -> Phrase | None:
    """As the index stores it. `unfinished`: its end is still being typed."""
    terms = indexed(text).split()[:TERMS]
    if not terms:
        return None
    single = len(terms[-1]) == 1 and is_unspaced(terms[-1])
    if single and len(terms) > 1 and len(terms[-2]) == 2 and terms[-2][1] == terms[-1]:
        terms.pop()  # the last letter of a run, which the text may go on after
        single = False
    return Phrase(tuple(terms), unfinished or single)
