"""Whether a reply is in the customer's language and says something about each of the questions. Pure."""

from collections.abc import Iterator

from copilot.evidence.sentences import sentences
from copilot.grounding.words import content
from copilot.presend.facts import Asked, Facts
from copilot.presend.findings import Code, Finding
from copilot.presend.greeting import end_of_greeting
from copilot.presend.phrases import pattern
from tickets import languages

LEAST = 2  # words that only this question has; with fewer nothing can be compared
SHARED = 0.6  # of a unit's words: then the reply has what the unit says
LONG = 80  # letters of a reply from which its language counts
# It may answer anything: "both are possible", "I will ask a colleague about the rest".
_OF_ALL = pattern("of_all")


def language(text: str, facts: Facts) -> Iterator[Finding]:
    """Short texts have no certain language, and then nothing is said."""
    body = text[end_of_greeting(text) :]
    if sum(each.isalpha() for each in body) < LONG:
        return
    wanted, written = languages.detect(facts.latest), languages.detect(body)
    if wanted and written and wanted != written:
        start, end = next(iter(sentences(body)), (0, len(body)))
        at = len(text) - len(body)
        yield Finding(Code.LANGUAGE, at + start, at + end, body[start:end])


def unanswered(text: str, facts: Facts) -> Iterator[Finding]:
    """Only where there are several questions: a reply to one is about that one."""
    if len(facts.questions) < 2 or _OF_ALL.search(text):
        return
    if languages.detect(facts.latest) != languages.detect(text):
        return
    said = set(content(text))
    words = [set(content(asked.text)) for asked in facts.questions]
    for at, asked in enumerate(facts.questions):
        others = set().union(*(each for place, each in enumerate(words) if place != at))
        own = words[at] - others
        if len(own) >= LEAST and not own & said and not _has_answer(asked, said):
            yield Finding(Code.UNANSWERED, len(text), len(text), _question(asked.text))


def _has_answer(asked: Asked, said: set[str]) -> bool:
    answers = [set(content(answer)) for answer in asked.answers]
    return any(words and len(words & said) >= SHARED * len(words) for words in answers)


def _question(text: str) -> str:
    """Of a question with the sentence before it, the question."""
    asked = [text[start:end] for start, end in sentences(text) if text[start:end].endswith(("?", "？"))]
    return asked[-1] if asked else text
