"""Whether a line that the model wrote may be shown. Pure.

A line that names no part of its kind is dropped. One that is wrong for certain gives way to the sentences that it comes
from. All others are asked about, unless they are word for word in these.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from copilot.evidence.sentences import sentences
from copilot.grounding.alignment import STRICT, closest
from copilot.grounding.conditions import left_out
from copilot.grounding.rules import objections
from copilot.grounding.verdicts import BothWays, Support, decide
from copilot.grounding.weights import OfWriter
from copilot.grounding.words import NEGATIONS, content, tokens
from copilot.models import ThreadSummary
from copilot.prompts.checks import MARKED
from copilot.redaction import PLACEHOLDER
from copilot.summaries.parts import Part
from copilot.summaries.quoted import MOST_WORDS, Line, is_question, may_fail, quote
from copilot.summaries.thread import Sentence
from copilot.summaries.words import ABOUT_CUSTOMER, KNOWN, PERSONS, is_solved, is_sorry, is_trouble
from tickets import languages

About = ThreadSummary.About
USED = 0.5  # of a sentence's words: then the line comes from it
LEAST = 2  # words
FEW = 3  # words that may be left out of a quote
MOST_LEFT_OUT = 0.5  # of a condition
_NUMBER = re.compile(r"\d{1,3}")
_ANY_MARK = re.compile(r"\s*\[[\d ,;&-]*\]")
# A model does not pass on a customer's links and markup in its own name: they are quoted.
_ADDRESS_OR_MARKUP = re.compile(r"https?:|www\.|\w\.(?:com|net|org|io|invalid|example)\b|</?[a-z]")
_NO_MARKS = str.maketrans(dict.fromkeys(',.;:!?()"„“”«»¿¡', " "))
_ORDERS = re.compile(rf"\b(?:{'|'.join(About.values)})\b\s*[:\[]", re.IGNORECASE)  # a customer who writes our lines


@dataclass(frozen=True)
class Claim:
    """A line of the model, and the part of the thread that it sums up."""

    about: About
    text: str
    sentences: tuple[Sentence, ...]

    @cached_property
    def used(self) -> tuple[Sentence, ...]:
        """The sentences that it comes from: those whose words it has, and the nearest of each of its own."""
        said = set(content(self.text))
        used = {each.number for each in self.sentences if _comes_from(said, each)}
        used |= {_nearest(piece, self.sentences).number for piece in _pieces(self.text)}
        return tuple(each for each in self.sentences if each.number in used)

    @cached_property
    def units(self) -> tuple[str, ...]:
        """The sentences one by one, those that it comes from together, and all of them."""
        texts = [each.text for each in self.sentences]
        return tuple(dict.fromkeys([*texts, self.source, " ".join(texts)]))

    @property
    def source(self) -> str:
        return " ".join(each.text for each in self.used)

    @property
    def whole(self) -> str:
        return self.units[-1]


def claim(line: str, parts: Sequence[Part], language: str) -> Claim | None:
    """None if it is no line, or names no part of its kind. `language`: of the thread."""
    found = MARKED.match(" ".join(line.split()))
    numbers = set(_NUMBER.findall(found["numbers"])) if found else set()
    if found is None or len(numbers) != 1 or not 0 < int(min(numbers)) <= len(parts):
        return None
    part, text = parts[int(min(numbers)) - 1], _ANY_MARK.sub("", found["text"]).strip()
    if part.about != found["about"].lower() or not tokens(text):
        return None
    if part.about == About.FAILED and not _tells_of_failure(part, text, language):
        return None
    return Claim(part.about, text, part.sentences)


def _tells_of_failure(part: Part, text: str, language: str) -> bool:
    """Not "it works now", and not what is only asked."""
    may = [each.text for each in part.sentences if may_fail(each)]
    known = language not in KNOWN or any(map(is_trouble, may))
    return bool(may) and known and not is_solved(text) and not all(map(is_question, _pieces(text)))


def in_own_words(given: Claim) -> Line | None:
    """The nearest of the sentences that the line comes from, and the others while there is room. None: from none."""
    used = _telling(given)
    if not used or not set(content(given.text)) & set(content(" ".join(each.text for each in used))):
        return None
    kept = [_nearest(given.text, used)]
    for each in used:
        longer = sorted({*kept, each}, key=lambda one: one.number)
        if len(quote(given.about, longer).text.split()) <= MOST_WORDS:
            kept = longer
    return quote(given.about, kept)


def _telling(given: Claim) -> list[Sentence]:
    failed = given.about == About.FAILED
    return [each for each in given.used if not is_sorry(each.text) and (may_fail(each) or not failed)]


def written(given: Claim) -> Line:
    """What is hardly shorter than the sentences that it comes from, and word for word in them, is a quote."""
    for said in ((_nearest(given.text, given.sentences),), given.used):
        source = quote(given.about, said).text
        longer = len(source.split()) - len(given.text.split())
        if longer <= FEW and closest(given.text, [source]).distance <= STRICT:
            return quote(given.about, _telling(given) if len(said) > 1 else said)
    return Line(given.about, given.text, tuple(dict.fromkeys(each.message for each in given.used)), True)


def objects(given: Claim, language: str) -> bool:
    """Is it wrong for certain? `language`: of the thread."""
    text, spoken = given.text, languages.detect(given.whole) or language
    if len(text.split()) > MOST_WORDS or languages.detect(text) not in {"", language}:
        return True
    if not set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(given.whole)) or _ORDERS.search(given.whole):
        return True
    if not _persons(text) <= _persons(given.whole) or left_out(text, given.units) > MOST_LEFT_OUT:
        return True
    if _ADDRESS_OR_MARKUP.search(text):
        return True
    if ABOUT_CUSTOMER.search(text) and not is_word_for_word(given):
        return True
    if _repeats(given) or any(_says_otherwise(piece, given.used) for piece in _pieces(text)):
        return True
    return bool(objections(text, given.units, language, same_language=spoken == language, source_language=spoken))


def is_word_for_word(given: Claim) -> bool:
    return closest(given.text, given.units).distance <= STRICT


def holds(given: Claim, language: str, said: BothWays | None, weights: OfWriter | None) -> bool:
    """`said`: what the model answers when it is asked whether the sentences state the line."""
    spoken = languages.detect(given.whole) or language
    verdict = decide(given.text, given.units, language, said=said, weights=weights, source_language=spoken)
    return verdict.support is Support.SUPPORTED


def has(text: str, lines: Sequence[Line]) -> bool:
    """Is there a line with these words?"""
    return bool(lines) and closest(text, [each.text for each in lines]).distance <= STRICT


def _pieces(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def _nearest(text: str, among: Sequence[Sentence]) -> Sentence:
    return among[closest(text, [each.text for each in among]).unit or 0]


def _comes_from(said: set[str], sentence: Sentence) -> bool:
    words = set(content(sentence.text))
    return len(words & said) >= max(LEAST, USED * len(words))


def _says_otherwise(piece: str, used: Sequence[Sentence]) -> bool:
    """A question where nothing was asked, a statement of what was only asked, "not" added or lost."""
    said, nearest = set(content(piece)), _nearest(piece, used)
    near = [each for each in used if each is nearest or _comes_from(said, each)]
    asks = any(is_question(each.text) for each in near)
    if asks != is_question(piece):
        return True
    return any(_negates(each.text) for each in near) != _negates(piece)


def _repeats(given: Claim) -> bool:
    """A word more often than the sentences have it: then one of them stands where none does."""
    there = Counter(content(given.whole))
    return any(count > max(1, there[word]) for word, count in Counter(content(given.text)).items())


def _persons(text: str) -> set[str]:
    """Words such as "you": where the sentences say "I", a line with "you" is about somebody else."""
    return set(PERSONS).intersection(text.lower().replace("’", "'").translate(_NO_MARKS).split())


def _negates(text: str) -> bool:
    return not NEGATIONS.isdisjoint(tokens(text))
