"""What a message says, without greeting, sign-off and signature. Pure."""

import re

from copilot import voice
from copilot.summaries.words import SIGN_OFF
from knowledge.gaps.naming import GREETING

CLOSING_LINES = 6  # lines that are no greeting or text can stand at the end
SIGNED_WORDS = 6  # in a line of a signature
LONGEST_GREETING, LONGEST_ENDED = 6, 3  # words: "Sehr geehrte Damen und Herren,", "Good morning."
NAME_ALONE = re.compile(r"\s*[\w.<>'’-]+(?: [\w.<>'’-]+){0,3}[,:!]\s*$")  # "Lucía:", behind "Hola, "
_POSTSCRIPT = re.compile(r"\W*p\.?\s?s\b", re.IGNORECASE)


def body(text: str) -> str:
    """A message of greeting and thanks alone is empty."""
    lines = text.strip().split("\n")
    lines[0] = _without_greeting(lines[0])
    own = _own_words()
    return "\n".join(line for line in _without_closing(lines) if line.strip() not in own).strip()


def _own_words() -> frozenset[str]:
    """Sentences with which all our replies begin or end."""
    words = [each for one in voice.load().words.values() for each in (one.named, one.plain, one.opening, one.insisted)]
    closings = [line.strip() for one in voice.load().words.values() for line in one.closing.split("\n")]
    return frozenset(each for each in [*words, *closings] if each)


def _without_greeting(line: str) -> str:
    found = GREETING.match(line)
    if found is None:
        return line
    words, open_end = len(found[0].split()), found[0].rstrip()[-1:] in {",", ":", "!"}
    rest = line[found.end() :] if words <= (LONGEST_GREETING if open_end else LONGEST_ENDED) else line
    return "" if NAME_ALONE.match(rest) else rest


def _without_closing(lines: list[str]) -> list[str]:
    places = [at for at, line in enumerate(lines) if line.strip()]
    for at in places[-CLOSING_LINES:]:
        if SIGN_OFF.match(lines[at]) and all(_is_signature(line) for line in lines[at + 1 :]):
            return lines[:at]
    return lines


def _is_signature(line: str) -> bool:
    return len(line.split()) <= SIGNED_WORDS and "?" not in line and not _POSTSCRIPT.match(line)
