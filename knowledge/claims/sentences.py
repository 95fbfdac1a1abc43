"""Sentences -> what they claim: a value or a yes/no, about what, and under which conditions. Pure.

A claim is one amount, time or quantity of a sentence, or its polarity ("can", "cannot", "required", "optional").
Its subject is the content words of the sentence. If it begins with a pronoun, those of the sentence before count too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.claims.values import Value, singular, values
from knowledge.claims.words import (
    AUXILIARIES,
    CASE,
    CLAUSE_END,
    CONDITIONAL,
    CONDITIONS,
    FILLERS,
    GENERAL,
    NO_NEGATION,
    NUMBERED,
    OPPOSITES,
    SAME,
)
from knowledge.index.lexical import FUNCTION_WORDS

MARKS = re.compile(r"[*_`#>|]+")
BOLD = re.compile(r"\*\*[^*]+\*\*|`[^`]+`")
MENU = re.compile(r"\*\*(?:[^*]*›[^*]*|(?:No|Not|Never)\b[^*]*)\*\*")  # where to click is no claim
ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
PRONOUN = re.compile(r"^(?:it|they|this|that|these|those|he|she|both|then)\b", re.IGNORECASE)
# Examples and advice are no claims.
NO_CLAIM = re.compile(
    r"\b(?:for example|for instance|e\.g\.|example|imagine|suppose|we recommend|recommended?|most (?:studios|people"
    r"|customers|teams)|usually|typically|often|used to|formerly|previously|zum beispiel|por ejemplo|par exemple)\b",
    re.IGNORECASE,
)
# A sentence ends before white space, so not inside "€23.20".
SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=\S)")
QUESTION = re.compile(r"\?\s*$")


@dataclass(frozen=True)
class Passage:
    """The parts of a chunk that claims need."""

    title: str
    heading: str
    text: str


@dataclass(frozen=True)
class Clause:
    """One statement of a sentence: what it is about, what it affirms and what it denies."""

    text: str
    words: frozenset[str]
    conditions: frozenset[str]
    denied: frozenset[str]
    affirmed: frozenset[str]
    about: str


@dataclass(frozen=True)
class Sentence:
    """`text` without Markdown; `words` its subject; `context` the words of title, headings and the whole passage."""

    text: str
    words: frozenset[str]
    conditions: frozenset[str]
    names: frozenset[str]
    context: frozenset[str]
    context_conditions: frozenset[str]
    values: tuple[Value, ...]
    clauses: tuple[Clause, ...]
    topic: frozenset[str]  # the words of title and headings
    lead: frozenset[str]  # the words of a condition at the start: "With emoji one credit …", "For Chain, …"
    about: str  # what is embedded: the sentence without its values


def stems(text: str) -> frozenset[str]:
    """The words that say what a text is about, as stems, with common synonyms as one."""
    found = set()
    for word in WORD.findall(text.lower().replace("sign in", "signin").replace("log in", "login")):
        if word in FUNCTION_WORDS or word[0].isdigit():
            continue
        root = singular(OPPOSITES.get(word, (word, 1))[0])
        found.add(SAME.get(root, root))
    return frozenset(found)


def conditions(text: str) -> frozenset[str]:
    return frozenset(CONDITIONS[word] for word in WORD.findall(text.lower()) if word in CONDITIONS)


def names(text: str) -> frozenset[str]:
    """Codes, numbered things and proper names (capitalised inside the sentence). "Sunday" and "March" are values."""
    found = set(re.findall(r"\b[A-Z]{2,}-?\d+\b", text))
    found |= {f"{kind.lower()} {n}" for kind, n in NUMBERED.findall(text)}
    found |= {name.lower() for name in re.findall(r"(?<=[a-z,;:] )[A-Z][a-z]{2,}\w*", _without(text, values(text)))}
    return frozenset(found)


def lead(text: str) -> frozenset[str]:
    """The condition at the start of a sentence, at most five words of it."""
    found = CASE.match(text)
    return stems(" ".join(found[1].split()[:5])) if found else frozenset()


def sentences(passage: Passage) -> list[Sentence]:
    """Every sentence that may claim something, ready to compare."""
    texts = list(_split(passage.text))
    whole = f"{passage.title} {passage.heading}"
    around = stems(f"{whole} {MARKS.sub(' ', passage.text)}")
    cases = conditions(whole)
    made: list[Sentence] = []
    before = ""
    for raw in texts:
        text = _plain(raw)
        claimed = _plain(MENU.sub(" ", raw))
        if not QUESTION.search(text) and not NO_CLAIM.search(f"{passage.heading} {text}"):
            subject = f"{before} {claimed}" if PRONOUN.match(claimed) else claimed
            made.append(_sentence(raw, text, subject, passage, around, cases))
        before = claimed
    return made


def _sentence(
    raw: str, text: str, subject: str, passage: Passage, around: frozenset[str], cases: frozenset[str]
) -> Sentence:
    found = tuple(values(text))
    bare = _without(text, found)
    return Sentence(
        text=text,
        words=stems(_without(subject, tuple(values(subject)))) - GENERAL,
        conditions=conditions(bare),
        names=names(BOLD.sub(" ", raw)),
        context=around,
        context_conditions=cases | conditions(_plain(passage.text)),
        values=found,
        clauses=clauses(subject, _plain(MENU.sub(" ", raw))),
        topic=stems(f"{passage.title} {passage.heading}"),
        lead=lead(bare),
        about=_without(subject, tuple(values(subject))),
    )


def _split(text: str) -> Iterator[str]:
    """Sentences. A list item is a sentence of its own."""
    for line in text.split("\n"):
        line = ITEM.sub("", line).strip()
        if line.startswith("|"):
            continue  # a table's cells mean nothing without its header
        yield from (sentence for sentence in SENTENCE_END.split(line) if len(sentence.split()) >= 3)


def _plain(text: str) -> str:
    return " ".join(MARKS.sub("", text).split())


def _without(text: str, found: Sequence[Value]) -> str:
    """The sentence without its values: sentences that differ only in values become equal."""
    for value in reversed(sorted(found, key=lambda each: each.start)):
        text = f"{text[: value.start]} … {text[value.end :]}"
    return " ".join(text.split())


def clauses(subject: str, text: str) -> tuple[Clause, ...]:
    """The statements of a sentence. One that begins with a pronoun gets the subject of the first."""
    parts = [part.strip() for part in CLAUSE_END.split(text) if part.strip()]
    made = []
    for place, part in enumerate(parts):
        lead = subject.removesuffix(text) if place == 0 else (parts[0] if PRONOUN.match(part) else "")
        whole = f"{lead} {part}".strip()
        bare = _without(whole, values(whole))
        denied, affirmed = predicates(part)
        if not CONDITIONAL.match(part):
            made.append(Clause(part, stems(bare) - GENERAL, conditions(bare), denied, affirmed, bare))
    return tuple(made)


def predicates(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """What a clause denies and what it affirms, by verb or adjective: "cannot be edited", "is free"."""
    tokens = [token.lower().replace("’", "'") for token in WORD.findall(NO_NEGATION.sub(" ", text))]
    denied: set[str] = set()
    affirmed: set[str] = set()
    for place, token in enumerate(tokens):
        negative = token in {"cannot", "never", "no"} or token.endswith("n't")
        if token not in AUXILIARIES and not negative:
            continue
        sign = -1 if negative else 1
        for after in tokens[place + 1 : place + 5]:
            if after in {"not", "never", "no"} or after.endswith("n't"):
                sign = -1
            elif after not in FILLERS and after not in AUXILIARIES:
                root, direction = OPPOSITES.get(after, (after, 1))
                root = SAME.get(singular(root), singular(root))
                (denied if sign * direction < 0 else affirmed).add(root)
                break
    return frozenset(denied), frozenset(affirmed - denied)
