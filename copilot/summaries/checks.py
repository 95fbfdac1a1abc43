"""Whether a line that the model wrote may be shown. Pure.

A line with wrong numbers is dropped. One that is wrong for certain gives way to its sentences. All others are asked
about, unless they are word for word in a sentence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from copilot.grounding.alignment import STRICT, closest
from copilot.grounding.conditions import left_out
from copilot.grounding.rules import objections
from copilot.grounding.verdicts import BothWays, Support, decide
from copilot.grounding.weights import OfWriter
from copilot.grounding.words import NEGATIONS, tokens
from copilot.models import ThreadSummary
from copilot.prompts.checks import MARKED
from copilot.redaction import PLACEHOLDER
from copilot.summaries import quoted
from copilot.summaries.quoted import MOST_WORDS, Line, is_question, may_fail, quote, replied_before
from copilot.summaries.thread import Sentence, Thread
from copilot.summaries.words import ABOUT_CUSTOMER, KNOWN, PERSONS, is_trouble
from tickets import languages

About = ThreadSummary.About
MOST_SOURCES = 4  # sentences that a line may rest on
MOST_LEFT_OUT = 0.5  # of a condition
_NUMBER = re.compile(r"\d{1,3}")
_ANY_MARK = re.compile(r"\s*\[[\d ,;&-]*\]")
_NO_MARKS = str.maketrans(dict.fromkeys(',.;:!?()"„“”«»¿¡', " "))
_ORDERS = re.compile(rf"\b(?:{'|'.join(About.values)})\b\s*[:\[]", re.IGNORECASE)  # a customer who writes our lines


@dataclass(frozen=True)
class Claim:
    """A line of the model, and the sentences that it names."""

    about: About
    text: str
    sources: tuple[Sentence, ...]

    @property
    def units(self) -> list[str]:
        """The sentences one by one, then together."""
        texts = [each.text for each in self.sources]
        return texts if len(texts) == 1 else [*texts, " ".join(texts)]


def claim(line: str, thread: Thread) -> Claim | None:
    """None if it is no line, or names sentences that cannot say it."""
    found = MARKED.match(line.strip())
    if found is None:
        return None
    about, text = About(found["about"].lower()), _ANY_MARK.sub("", found["text"]).strip()
    numbers = _NUMBER.findall(found["numbers"])
    parts = dict(enumerate(quoted.parts(thread), start=1))
    part = parts.get(int(numbers[0])) if len(numbers) == 1 else None
    if not text or part is None or part.about != about:
        return None
    return Claim(about, text, tuple(part.sentences))


def _named(numbers: str, text: str, thread: Thread) -> tuple[Sentence, ...]:
    """The sentences with these numbers; of a line that is word for word in another one, that one. None if unclear."""
    wanted = {int(each) for each in _NUMBER.findall(numbers)}
    sources = thread.of(sorted(wanted))
    if not 0 < len(wanted) == len(sources) <= MOST_SOURCES or "-" in numbers:
        sources = ()
    if closest(text, [each.text for each in sources]).distance <= STRICT:
        return sources
    nearest = closest(text, [each.text for each in thread.sentences])
    own = nearest.unit is not None and nearest.distance <= STRICT
    return (thread.sentences[nearest.unit],) if own and nearest.unit is not None else sources


def _can_say(about: About, sentence: Sentence, thread: Thread) -> bool:
    if about == About.TRIED:
        return sentence.by != "customer"
    if sentence.by != "customer":
        return False
    if about == About.ASKED:
        return True
    trouble = is_trouble(sentence.text) or thread.language not in KNOWN
    return trouble and may_fail(sentence) and replied_before(thread, sentence)


def in_own_words(given: Claim) -> Line:
    """Its sentences: the nearest one, and others while there is room."""
    nearest = given.sources[closest(given.text, [each.text for each in given.sources]).unit or 0]
    kept = [nearest]
    for each in given.sources:
        longer = sorted({*kept, each}, key=lambda one: one.number)
        if len(quote(given.about, longer).text.split()) <= MOST_WORDS:
            kept = longer
    return quote(given.about, kept)


def written(given: Claim) -> Line:
    """If it is the very words of a sentence, these are quoted."""
    same = [each for each in given.sources if tokens(each.text) == tokens(given.text)]
    if same:
        return quote(given.about, same[:1])
    return Line(given.about, given.text, tuple(dict.fromkeys(each.message for each in given.sources)), True)


def objects(given: Claim, language: str) -> bool:
    """Is it wrong for certain? `language`: of the thread."""
    text, units = given.text, given.units
    whole = units[-1]
    if len(text.split()) > MOST_WORDS or languages.detect(text) not in {"", language}:
        return True
    if not set(PLACEHOLDER.findall(text)) <= set(PLACEHOLDER.findall(whole)) or _ORDERS.search(whole):
        return True
    if (
        _asks_otherwise(given)
        or _speaks_otherwise(given)
        or _negates(text) != _negates(whole)
        or left_out(text, units) > MOST_LEFT_OUT
    ):
        return True
    if ABOUT_CUSTOMER.search(text) and not is_word_for_word(given):
        return True
    spoken = languages.detect(whole) or language
    return bool(objections(text, units, language, same_language=spoken == language, source_language=spoken))


def is_word_for_word(given: Claim) -> bool:
    return closest(given.text, given.units).distance <= STRICT


def holds(given: Claim, language: str, said: BothWays | None, weights: OfWriter | None) -> bool:
    """`said`: what the model answers when it is asked whether the sentences state the line."""
    spoken = languages.detect(given.units[-1]) or language
    verdict = decide(given.text, given.units, language, said=said, weights=weights, source_language=spoken)
    return verdict.support is Support.SUPPORTED


def _asks_otherwise(given: Claim) -> bool:
    """What was only asked is no statement, and the other way round."""
    asked = [is_question(each.text) for each in given.sources]
    return not any(asked) if is_question(given.text) else all(asked)


def _speaks_otherwise(given: Claim) -> bool:
    """ "You" where the sentence says "I"."""
    return not _persons(given.text) <= _persons(given.units[-1])


def _persons(text: str) -> set[str]:
    return PERSONS.intersection(text.lower().replace("’", "'").translate(_NO_MARKS).split())


def _negates(text: str) -> bool:
    return not NEGATIONS.isdisjoint(tokens(text))


def has(given: Claim | Line, lines: Sequence[Line]) -> bool:
    """Is there a line with the same words, in whatever section?"""
    return bool(lines) and closest(given.text, [each.text for each in lines]).distance <= STRICT
