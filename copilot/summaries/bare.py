"""What a message says, without greeting, sign-off and signature. Pure."""

import re

from copilot import voice
from copilot.redaction import PLACEHOLDER
from copilot.summaries.words import SIGN_OFF
from copilot.voice import FIELDS
from knowledge.gaps.naming import GREETING
from tickets.mail.quoting import signatures

CLOSING_LINES = 6  # lines that are no greeting or text can stand at the end
SIGNED_WORDS = 6  # in a line of a signature
LONGEST_GREETING, LONGEST_ENDED = 6, 3  # words: "Sehr geehrte Damen und Herren,", "Good morning."
NAME_ALONE = re.compile(r"\s*[\w.<>'’-]+(?: [\w.<>'’-]+){0,3}[,:!]\s*$")  # "Lucía:", behind "Hola, "
_CAPITAL, _WORD = r"[A-ZÀ-Þ][\w.'’-]*", r"[\w.'’-]+"
_MASKED_NAME = r"<(?:(?:FULL_)?NAME|SURNAME|PERSON_\d{1,6})>"
# The line below a text: "Tomas <PERSON_1>, Lingua Atelier", or only what was masked. "Call <PERSON_1> today." is none.
_SIGNED = re.compile(
    rf"\W*(?:(?:{_CAPITAL} )?{_MASKED_NAME}(?: {_CAPITAL}){{0,2}}(?:, {_WORD}(?: {_WORD}){{0,3}})?"
    rf"|(?:{PLACEHOLDER.pattern}[\s,|·]*)+)\s*(?<![.?!])"
)
_ENDED = re.compile(r"[.!…)][\"'”’»)]?\s*$")
_POSTSCRIPT = re.compile(r"\W*p\.?\s?s\b", re.IGNORECASE)


def body(text: str, *, ours: bool = False) -> str:
    """A message of greeting and thanks alone is empty. `ours`: it may end with an agent's name, which is not masked."""
    lines = signatures.cut(text.strip().split("\n")).text.split("\n")
    lines[0] = _without_greeting(lines[0])
    own = _own_words()
    return "\n".join(line for line in _without_names(_without_closing(lines), ours) if line.strip() not in own).strip()


def _own_words() -> frozenset[str]:
    """Sentences with which all our replies begin or end."""
    words = [getattr(one, name) for one in voice.load().words.values() for name in FIELDS if name != "closing"]
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


def _without_names(lines: list[str], ours: bool) -> list[str]:
    """Without the names at the end, but never without the first line that says something."""
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    end = len(lines)
    while end > first + 1 and (not lines[end - 1].strip() or _SIGNED.fullmatch(lines[end - 1])):
        end -= 1
    if ours and end > first + 1 and _is_word(lines[end - 1].strip(" ,.–-")):
        above = next(line for line in reversed(lines[: end - 1]) if line.strip())
        end -= bool(_ENDED.search(above))
    return lines[:end]


def _is_word(text: str) -> bool:
    """One word that may be a name."""
    return text[:1].isupper() and text.replace("-", "").isalpha()


def _is_signature(line: str) -> bool:
    return len(line.split()) <= SIGNED_WORDS and "?" not in line and not _POSTSCRIPT.match(line)
