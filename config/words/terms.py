"""Splits text into words for full-text search. Pure, and linear in the length of the text.

SQLite and PostgreSQL both get their terms from here, so that they find the same. By themselves neither splits scripts
without spaces, and each reads `node.js`, `C++` and `LEDGER-77120` differently. Terms are letters and digits only.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

# Scripts without spaces between words: Chinese, Japanese, Thai, Lao, Burmese, Khmer. Also Korean, for its endings.
_UNSPACED = (
    "\u3005-\u3007\u3041-\u3096\u3099-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uac00-\ud7af\U00020000-\U0003134f\u0e01-\u0e5b\u0e81-\u0edf\u1000-\u109f\u1780-\u17ff"
)
_SIGN = rf"[^\W_{_UNSPACED}]"  # a letter or digit of the scripts with spaces
TERM = re.compile(
    rf"(?P<run>(?:(?=[^\W_])[{_UNSPACED}])+)"
    rf"|(?P<dot>(?<![\w.])\.(?=[^\W\d_]))?(?P<word>{_SIGN}+(?:[-'’._@]{_SIGN}+)*)(?P<signs>\+\+|[+#](?!\w))?"
)
# A word of letters only, of the scripts with spaces.
LETTERS = re.compile(rf"(?<!{_SIGN})[^\W\d_{_UNSPACED}]{{3,30}}(?!{_SIGN})")
JOINT = re.compile(r"[-'’._@]")
LATIN_MARKS = re.compile(r"[\u0300-\u036f]")
LONGEST = 60  # characters of a term
PARTS = 8  # at most, of a word with hyphens or points
CHUNK = 40  # characters without a space: more is an address or a token, not a word
ROOM = 180_000  # bytes of terms in one column; PostgreSQL refuses more than a megabyte in all


@cache
def _marks() -> dict[int, None]:
    """Vowel signs and tone marks: neither database counts them as letters."""
    kept = {0x3099, 0x309A}
    return {place: None for place in range(0x10000) if place not in kept and unicodedata.category(chr(place))[0] == "M"}


def fold(text: str) -> str:
    """Remove case, accents and widths: `É` becomes `e`, `ﾃ` becomes `テ`, `ß` becomes `ss`."""
    if text.isascii():
        return text.lower()
    # Marks before case: of a Greek iota below a letter, case folding would make a letter of its own.
    plain = LATIN_MARKS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    return unicodedata.normalize("NFC", plain).translate(_marks())


def words(query: str, limit: int = 48) -> list[str]:
    """The words of a query in lower case, in order, each once, without punctuation.

    Text in a script without spaces becomes pairs of letters: `再発行` becomes `再発` and `発行`.
    """
    found: dict[str, None] = {}
    plain = unicodedata.normalize("NFKC", query[:200_000]).lower().translate(_marks())
    for match in TERM.finditer(plain):
        said = pairs(fold(match["run"])) if match["run"] else [match[0][: 4 * LONGEST]]
        found.update(dict.fromkeys(said))
        if len(found) >= limit:
            break
    return list(found)[:limit]


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """`(start, end, word)` of every word as in `words`, to highlight them."""
    for match in TERM.finditer(text):
        if not match["run"]:
            yield match.start(), match.end(), match[0].lower()
            continue
        for place in range(match.start(), max(match.start() + 1, match.end() - 1)):
            yield place, min(place + 2, match.end()), text[place : place + 2]


def placed(text: str) -> Iterator[tuple[str, int, int]]:
    """The terms of a text as `indexed` stores them, each with begin and end of its word, to highlight them."""
    for match in TERM.finditer(text):
        start, end = match.span()
        if not match["run"]:
            plain = match[0].isascii() and match[0].isalnum()  # most words; the rest of the work is for the others
            terms = [match[0].lower()[:LONGEST]] if plain else indexed(match[0]).split()
            yield from ((term, start, end) for term in terms)
            continue
        yield from ((fold(text[place : place + 2]), place, place + 2) for place in range(start, end - 1))
        yield fold(text[end - 1]), end - 1, end


def plain_words(text: str) -> dict[str, str]:
    """The words of letters in a text, of 3 to 30: their terms, and how they are written. Nothing of long tokens."""
    plain = text.lower() if text.isascii() else unicodedata.normalize("NFC", text).lower().translate(_marks())
    chunks = " ".join(chunk for chunk in plain.split() if len(chunk) <= CHUNK)
    folded = {fold(word): word for word in sorted(set(LETTERS.findall(chunks)))}
    return {term: word for term, word in folded.items() if term.isalpha() and len(term) <= 30}


def is_unspaced(word: str) -> bool:
    found = TERM.match(word)
    return bool(found and found["run"])


def pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)] if len(run) > 1 else [run] if run else []


def parts(word: str) -> tuple[str, ...]:
    """The terms of one word, in sequence: `13.1` gives 13 and 1, `C++` gives cplusplus."""
    found = TERM.match(fold(word))
    if found is None or found["run"]:
        return (fold(word),) if found else ()
    if found["dot"] or found["signs"]:
        return (_with_signs(found),)
    return tuple(each[:LONGEST] for each in JOINT.split(found["word"])[:PARTS])


def joined(word: str) -> str:
    """The parts of a word as one term: `e-mail` gives `email`. Empty if nothing can be joined, as in `Anna's`."""
    found = TERM.match(fold(word))
    if found is None or found["run"] or found["dot"] or found["signs"] or "'" in word or "’" in word:
        return ""
    said = JOINT.split(found["word"])[:PARTS]
    whole = "".join(said)
    return whole if len(said) > 1 and len(whole) <= LONGEST else ""


def indexed(text: str) -> str:
    """The terms to store for a text, separated by spaces."""
    kept: list[str] = []
    for match in TERM.finditer(fold(text)):
        kept += _pairs_and_last(match["run"]) if match["run"] else _kept(match)
    line = " ".join(kept)
    if len(line.encode()) <= ROOM:
        return line
    return " ".join(dict.fromkeys(kept)).encode()[:ROOM].decode(errors="ignore").rpartition(" ")[0]


def _pairs_and_last(run: str) -> list[str]:
    """All pairs, and the last letter: a single letter is found as the beginning of a pair, and the last begins none."""
    return [*pairs(run), run[-1]] if len(run) > 1 else [run]


def _kept(match: re.Match[str]) -> list[str]:
    word = match["word"]
    if word.isalnum() and not (match["dot"] or match["signs"]):
        return [word[:LONGEST]]
    each = tuple(part[:LONGEST] for part in JOINT.split(word))
    more = [joined(word)] if len(each) > 1 else []
    if match["dot"] or match["signs"]:
        more.append(_with_signs(match))
    return [*each, *filter(None, more)]


def _with_signs(match: re.Match[str]) -> str:
    signs = (match["signs"] or "").replace("+", "plus").replace("#", "sharp")
    return ("dot" if match["dot"] else "") + JOINT.sub("", match["word"])[:LONGEST] + signs
