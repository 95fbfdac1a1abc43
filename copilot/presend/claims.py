"""Facts of a reply that neither the sources nor anybody on the ticket has said: amounts, times, addresses, names. Pure.

A person may know more than the sources, so only what is easily wrong is asked about: not numbers below ten, not what
somebody is going to do, not names that are part of a sentence.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from copilot.evidence.sentences import sentences
from copilot.grounding.amounts import agrees, figures, is_compared
from copilot.presend import personal
from copilot.presend.facts import Facts
from copilot.presend.findings import Code, Finding
from copilot.presend.links import WEB
from copilot.presend.phrases import any_of
from knowledge.claims.values import Value, values
from knowledge.index.lexical import content_words, stem

LONGEST = 400  # characters of a sentence that are read for values: the time grows with the square
SMALL = 10  # a number below it may count what the sentence itself lists
_ENDS = " .,;:"
ENOUGH = 12  # more are not shown
SHARED = 3  # words by which a source is about the same as a sentence
_NUMBER = re.compile(r"(?<![\w.,:/+#\[-])\d{2,9}(?:[.,]\d+)*(?![\w:/+\]-]|[.,]\d)")
# Words that people use loosely.
_LOOSE = re.compile(
    r"24/7|100 ?%|(?<!\w)(?:one|two|a|1) (?:moment|second|minute|hour|day|week|month|year)s?(?!\w)"
    r"|(?<!\w)(?:einen?[rm]?|zwei|1) (?:moment|minute|sekunde|stunde|tag|woche|monat|jahr)(?:e[ns]?|n)?(?!\w)"
    r"|(?<!\w)\d{1,2}(?:st|nd|rd|th)(?!\w)",
    re.IGNORECASE,
)
_WEEKDAY = frozenset({"weekday"})
_ENTRY = r"[^\W\d_][^\s›→,.;:()\"“”]{0,30}"
_MENU = re.compile(rf"{_ENTRY}(?:\s{_ENTRY}){{0,2}}(?:\s?[›→]\s?|\s>\s){_ENTRY}(?:(?:\s?[›→]\s?|\s>\s){_ENTRY}){{0,5}}")
_ARROW = re.compile(r"\s?[›→>]\s?")
_CODE = re.compile(r"(?<![\w@./-])(?=[\w-]{0,30}\d)(?=[\w-]{0,30}[A-Z]{2})[A-Z][\w-]{2,30}\w(?![\w@-])")
_CAPITAL = r"[A-ZÀ-Þ][\w'’-]{1,30}"
_NAMED = re.compile(rf"(?<=[a-zà-ÿ,;:)] )(?P<name>{_CAPITAL}(?: {_CAPITAL}){{0,2}}) (?i:{any_of('kind_of_name')})")


def claims(text: str, facts: Facts) -> Iterator[Finding]:
    """Each distinct thing once, where it stands first."""
    sources = _Sources(facts)
    seen: set[tuple[Code, str]] = set()
    yield from _numbers_of_people(text, sources)
    taken = [(each.start, each.end) for each in personal.found(text) if each.kind != personal.NAME]
    for start, end in sentences(text):
        for found in (*_amounts(text, start, end, sources, taken), *_names(text, start, end, sources)):
            if (found.code, found.words.casefold()) not in seen:
                seen.add((found.code, found.words.casefold()))
                yield found
        if len(seen) >= ENOUGH:
            break
    for match in WEB.finditer(text):
        if match[0] not in facts.links and match[0].casefold() not in sources.small:
            yield Finding(Code.ADDRESS, *match.span(), match[0])


class _Sources:
    """What has been said, read once."""

    def __init__(self, facts: Facts) -> None:
        texts = facts.all_texts
        joined = "\n".join(texts)
        self.facts = facts
        self.small = joined.casefold()
        self.words = " ".join(re.findall(r"\w+", self.small))
        self.figures = figures(joined)
        self.values = [value for text in texts for part in parts(text) for value in values_of(part)]


def parts(text: str) -> Iterator[str]:
    """The sentences of a source. A table row or a log may be one long line."""
    for start, end in sentences(text):
        yield text[start : min(end, start + LONGEST)]


@lru_cache(maxsize=8192)
def values_of(sentence: str) -> tuple[Value, ...]:
    return tuple(values(sentence))


def _numbers_of_people(text: str, sources: _Sources) -> Iterator[Finding]:
    """Telephone, account and order numbers. Addresses are asked about by personal.py."""
    noted = personal.key("\n".join(sources.facts.notes).replace("@", ""))
    for each in personal.candidates(text, sources.facts):
        if each.kind not in {personal.NAME, "EMAIL"} and each.key not in noted:
            yield Finding(Code.FACT, each.start, each.end, each.value)


def _amounts(
    text: str, start: int, end: int, sources: _Sources, others: Sequence[tuple[int, int]]
) -> Iterator[Finding]:
    """`others`: places in the text that another rule reads."""
    sentence = text[start : min(end, start + LONGEST)]
    taken = [(first - start, last - start) for first, last in others]
    taken += [found.span() for form in (_LOOSE, WEB) for found in form.finditer(sentence)]
    for value in values_of(sentence):
        words = sentence[value.start : value.end].rstrip(_ENDS)
        if _within(value.start, taken) or value.unit == _WEEKDAY or not is_compared(value, words):
            continue
        taken.append((value.start, value.end))
        if not any(agrees(value, other) for other in sources.values):
            first = start + value.start
            yield Finding(Code.FACT, first, first + len(words), words, _mend(sentence, value, sources.facts))
    for found in _NUMBER.finditer(sentence):
        if not _within(found.start(), taken) and not figures(found[0]) & sources.figures and _is_large(found[0]):
            yield Finding(Code.FACT, start + found.start(), start + found.end(), found[0])


def _within(at: int, places: Sequence[tuple[int, int]]) -> bool:
    return any(first <= at < last for first, last in places)


def _is_large(digits: str) -> bool:
    return float(re.sub(r"[.,]\d{1,2}$", "", digits).replace(",", "").replace(".", "")) >= SMALL


def _mend(sentence: str, value: Value, facts: Facts) -> str | None:
    """The only value with that unit in the source sentence that is about the same, if one is."""
    rest = f"{sentence[: value.start]} {sentence[value.end :]}"  # "days" alone makes no two sentences alike
    said = {stem(word) for word in content_words(rest)}
    best, most = "", SHARED - 1
    for text in facts.evidence:
        for part in parts(text):
            if (shared := len(said & _stems(part))) > most:
                best, most = part, shared
    unit = _unit(sentence, value)
    same = [each for each in values_of(best) if _unit(best, each) == unit] if best else []
    return best[same[0].start : same[0].end].rstrip(_ENDS) if len(same) == 1 else None


def _unit(sentence: str, value: Value) -> tuple[str, frozenset[str], str]:
    """Days are not mended by months."""
    words = re.findall(r"[^\W\d_]+", sentence[value.start : value.end])
    return value.kind, value.unit, stem(words[-1]).removesuffix("s") if value.kind == "duration" and words else ""


@lru_cache(maxsize=8192)
def _stems(part: str) -> frozenset[str]:
    return frozenset(stem(word) for word in content_words(part, limit=80))


def _names(text: str, start: int, end: int, sources: _Sources) -> Iterator[Finding]:
    """Menu entries, codes, and names of plans, pages and the like."""
    for found in _MENU.finditer(text, start, end):
        first = found.start()
        for entry in _ARROW.split(found[0])[1:]:  # words of the sentence may stand before the first entry
            at = text.find(entry, first, end)
            if entry and not _is_known(entry, sources):
                yield Finding(Code.NAME, at, at + len(entry), entry)
    for found in _CODE.finditer(text, start, end):
        if not _is_known(found[0], sources):
            yield Finding(Code.NAME, *found.span(), found[0])
    for found in _NAMED.finditer(text, start, end):
        if not _is_known(found["name"], sources):
            yield Finding(Code.NAME, *found.span("name"), found["name"])


def _is_known(name: str, sources: _Sources) -> bool:
    """Word for word, or the beginning of a longer word ("Invoice", "invoices")."""
    words = " ".join(re.findall(r"\w+", name.casefold()))
    return (
        not words or words in sources.words or f"{words}s" in sources.words or words.removesuffix("s") in sources.words
    )
