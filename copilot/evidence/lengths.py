"""The length of a text for a model, in English words, also for scripts without spaces. Pure.

A tokenizer would be exact, but it belongs to another process and changes with the model; this estimate is slightly too
high. It counts three quarters of a word for each Chinese or Japanese character, a word for two digits or symbols, and
a word for three to four letters of a script that tokenizers split finely.
"""

import re
import unicodedata
from functools import lru_cache

WORD = re.compile(r"\S+")
LETTERS = 12  # of one Latin word, at most: longer ones are several tokens
PLAIN_WORD = re.compile(rf"[A-Za-z'’]{{1,{LETTERS}}}[.,;:!?)]?$")


@lru_cache(maxsize=4096)
def _weight(char: str) -> float:
    code = ord(char)
    if code < 0x250:
        return 1 / LETTERS if char.isalpha() else 0.4
    if code >= 0x2E80:
        return 1.5 if code > 0xFFFF else 0.75
    return 0.3 if unicodedata.category(char)[0] in "LM" else 0.5


def _word(word: str) -> float:
    return 1.0 if PLAIN_WORD.match(word) else max(1.0, sum(map(_weight, word)))


def size(text: str) -> float:
    """In English words."""
    return sum(_word(found[0]) for found in WORD.finditer(text))


def cut(text: str, most: float) -> str:
    """The beginning of the text, at most so many words. It cuts inside a word only if that word alone is longer."""
    left = most
    for found in WORD.finditer(text):
        wide = _word(found[0])
        if wide > left:
            return text[: found.start() + _fitting(found[0], left)].rstrip()
        left -= wide
    return text


def _fitting(word: str, left: float) -> int:
    """How many letters of a word that does not fit: none, unless it is a sentence by itself."""
    if _word(word) < 8:
        return 0
    for place, char in enumerate(word):
        left -= _weight(char)
        if left < 0:
            return place
    return len(word)
