"""Puts a reply together: the greeting, then units of the evidence, each with its citation, then the closing."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from copilot import voice
from copilot.evidence.gathering import EvidenceUnit
from copilot.evidence.list_points import POINT
from copilot.evidence.sentences import is_ended
from copilot.evidence.units import COLON, Kind
from copilot.grounding.verdicts import Verdict
from copilot.redaction import PLACEHOLDER

BLOCKS = (Kind.STEPS, Kind.LIST, Kind.CODE)
END = re.compile(r"[.!?…]+$|[。！？]+$")
OPEN_END = re.compile(r"[\s.!?…。！？:：]+$")
WIDE_END = re.compile(r"[。！？]$")


@dataclass(frozen=True)
class Line:
    """What is said of one unit: its own words, or a translation. `number`: the unit's, in the evidence.

    `open`: more is still to come.
    """

    number: int
    text: str
    unit: EvidenceUnit
    verdict: Verdict
    open: bool = False


@dataclass(frozen=True)
class Sentence:
    """A checked part of a reply, from `start` to `end` of its text."""

    start: int
    end: int
    number: int
    verdict: Verdict


def composed(greeting: str, lines: Sequence[Line]) -> tuple[str, tuple[Sentence, ...]]:
    """The text and its checked parts. Sentences of one section that follow each other are one paragraph."""
    text, sentences = greeting, []
    before: Line | None = None
    for line in lines:
        text += _between(text, before, line) if text else ""
        start = len(text)
        text += cited(line.text, line.number, line.unit.kind, line.open)
        sentences.append(Sentence(start, len(text), line.number, line.verdict))
        before = line
    return text, tuple(sentences)


def _between(text: str, before: Line | None, after: Line) -> str:
    if before is None or not _flows(before.unit, after.unit):
        return "\n\n"
    return "" if WIDE_END.search(text) else " "


def _flows(before: EvidenceUnit, after: EvidenceUnit) -> bool:
    prose = before.kind not in BLOCKS and after.kind not in BLOCKS
    return prose and (before.passage.article_id, before.head) == (after.passage.article_id, after.head)


def cited(text: str, number: int, kind: Kind, more: bool = False) -> str:
    """The text with its citation: behind the introduction of a list, which ends with a colon; otherwise at the end.

    While more is to come, without what the citation will stand in front of, so that a page only has to add.
    """
    mark = f"[{number}]"
    lead, newline, rest = text.partition("\n")
    lead = lead.rstrip()
    if kind in BLOCKS and newline and lead.endswith(COLON):
        return f"{lead[:-1].rstrip()} {mark}{lead[-1]}\n{rest}"
    if kind in (Kind.STEPS, Kind.LIST) and newline and lead and not (POINT.match(lead) or is_ended(lead)):
        return f"{lead} {mark}:\n{rest}"
    if more:
        return OPEN_END.sub("", text)
    if kind is Kind.ROW and not END.search(text):
        text += "."
    end = END.search(text)
    if not end:
        return f"{text} {mark}"
    space = "" if WIDE_END.search(text) else " "
    return f"{text[: end.start()].rstrip()}{space}{mark}{end[0]}"


def greeting(language: str, known: Collection[str]) -> str:
    """`known`: the placeholders that have a value."""
    words = voice.load().of(language)
    return words.named if all(each[1] in known for each in PLACEHOLDER.finditer(words.named)) else words.plain


def opened(language: str, known: Collection[str], insisted: bool = False, further: bool = False) -> str:
    """The greeting, with the opening sentence if there is one.

    `insisted`: nothing answers. `further`: an earlier reply has said a part of what answers.
    """
    words = voice.load().of(language)
    opening = (words.insisted if insisted else words.further if further else "") or words.opening
    return "\n\n".join(filter(None, (greeting(language, known), opening)))


def closed(text: str, language: str, steps: bool = False) -> str:
    """The whole reply, with the closing if there is one. `steps`: the customer is to say whether they help."""
    words = voice.load().of(language)
    return "\n\n".join(filter(None, (text, words.result if steps else "", words.closing)))
