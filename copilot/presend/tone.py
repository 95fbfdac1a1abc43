"""How a reply sounds to somebody who is upset, and words that sound curt to anybody. Pure.

English, German, Spanish and French; a message in another language has no mood here.
"""

import re
from collections.abc import Iterator

from copilot.presend.facts import Facts
from copilot.presend.findings import Code, Finding
from copilot.presend.greeting import end_of_greeting
from copilot.presend.phrases import pattern
from tickets import languages

_UPSET, _FEELING, _JOLLY, _CURT = map(pattern, ("upset", "feeling", "jolly", "curt"))
_DENIED = re.compile(r"(?<!\w)(?:not|no longer|\w+n['’]t|nicht|no|pas)(?: \w{1,12}){0,2} $", re.IGNORECASE)
_EMOJI = re.compile(
    r" ?(?:[\U0001f600-\U0001f64f\U0001f389\U0001f38a\U0001f44d\U0001f680\u263a\u2728]\ufe0f?){1,9}"
    r"| (?::-?[)D]|;-?\))(?=\s|$)"
)
_SHOUT = re.compile(r"(?<![!?])!+(?![!?\w])")
_CAPITALS = re.compile(r"(?<!\w)[A-ZÀ-Þ]{4,}(?!\w)")
SHOUTED = 3  # words in capitals that make a message angry
_SORRY = {
    "en": "I’m sorry for the trouble this has caused you.",
    "de": "Es tut mir leid, dass Sie diesen Ärger haben.",
    "es": "Lamento las molestias que esto le ha causado.",
    "fr": "Je suis désolé pour les désagréments que cela vous cause.",
}


def tone(text: str, facts: Facts) -> Iterator[Finding]:
    for found in _CURT.finditer(text):
        if found[0].casefold() not in facts.latest.casefold():
            yield Finding(Code.CURT, *found.span(), found[0])
    said = upset(facts.latest)
    if not said:
        return
    body = end_of_greeting(text)
    if not _FEELING.search(text):
        sorry = _SORRY.get(languages.detect(text))
        yield Finding(Code.MOOD, body, body, said, f"{sorry}\n\n" if sorry else None)
    for found in _JOLLY.finditer(text):
        yield Finding(Code.CHEERFUL, *found.span(), found[0])
    for found in _SHOUT.finditer(text, body):
        yield Finding(Code.CHEERFUL, *found.span(), found[0], ".")
    for found in _EMOJI.finditer(text):
        yield Finding(Code.CHEERFUL, *found.span(), found[0].strip(), "")


def upset(message: str) -> str:
    """The words that say that the customer is angry or sad; "" if none do."""
    for found in _UPSET.finditer(message):
        if not _DENIED.search(message, max(0, found.start() - 30), found.start()):
            return found[0]
    shouted = _CAPITALS.findall(message)
    return " ".join(shouted[:SHOUTED]) if len(shouted) >= SHOUTED and "!" in message else ""
