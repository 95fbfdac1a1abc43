"""What earlier replies on a ticket have said, so that a draft can leave it out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from copilot.evidence.list_points import POINT
from copilot.evidence.sentences import sentences
from copilot.evidence.units import Kind, Unit
from copilot.models import DraftRecord
from knowledge.index.lexical import content_words, stem
from knowledge.text.citation_marks import CITATION
from tickets.models import Message, OutgoingMail

Sent = tuple[str, str]  # when (ISO 8601), what
MOST, LONGEST = 20, 8_000  # replies, characters of each
# A reply says a sentence if it lacks less than this share of its content words, in one sentence or two that follow each
# other. Instructions, which points of lists and rows of tables mostly are, members shorten: "Notifications: allow".
NEW, NEW_IN_POINT = 0.2, 0.3
BEGUN = 2  # steps
WORDS = 200  # different words of one sentence
SHORT = 3  # different content words: with fewer, a sentence is compared together with the next one
_MARK = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_CELL_NAMES = re.compile(r"(?:^|; )[^:;]{1,40}: ")  # of "Remedy: Charge the reader; Time: 5 minutes"


def of(message: Message) -> tuple[Sent, ...]:
    """The replies before this message, newest first; of translated sentences also what they are a translation of."""
    replies = message.ticket.messages.filter(kind=Message.Kind.REPLY, created_at__lt=message.created_at)
    sent = replies.exclude(outgoing__state__in=OutgoingMail.NOT_SENT).order_by("-created_at", "-pk")
    rows = sent.select_related("from_draft__record").prefetch_related("from_draft__citations")[:MOST]
    said = ((each.created_at.isoformat(), (each.text[:LONGEST], *_sources(each))) for each in rows)
    return tuple((at, text) for at, texts in said for text in texts)


def _sources(reply: Message) -> Iterator[str]:
    """The units behind those translated sentences of the draft that were sent."""
    draft = getattr(reply, "from_draft", None)
    record = getattr(draft, "record", None)
    if draft is None or record is None or record.form != DraftRecord.Form.WRITTEN:
        return
    sent, units = Replies((("", reply.text[:LONGEST]),)), {each.number: each.excerpt for each in draft.citations.all()}
    for sentence in record.sentences:
        said = CITATION.sub("", draft.text[sentence["start"] : sentence["end"]])
        if sent.say(said):
            yield from (units[number] for number in sentence["units"] if number in units)


@dataclass(frozen=True)
class Phrase:
    """The content words of a sentence or of a point of a list; those of a short one together with the next one's."""

    words: frozenset[str]
    point: bool

    def __or__(self, other: "Phrase") -> "Phrase":
        return Phrase(self.words | other.words, self.point or other.point)

    def says(self, other: "Phrase") -> bool:
        """With another figure it is something else."""
        missing = other.words - self.words
        new = len(missing) / len(other.words)
        return new < (NEW_IN_POINT if other.point or self.point else NEW) and not any(map(_has_figure, missing))


class Replies:
    """Earlier replies, to be asked what they say. Without any they say nothing."""

    def __init__(self, sent: Sequence[Sent] = ()) -> None:
        self._said = [(at, list(_windows(text))) for at, text in sent]

    def __bool__(self) -> bool:
        return bool(self._said)

    def say(self, text: str, point: bool = False) -> bool:
        """Whether one of them says all of it."""
        return self._latest(text, point) is not None

    def when(self, unit: Unit) -> str:
        """When the latest reply that says something of it was sent; "" if none does."""
        _lead, points = _in_points(unit)
        found = (self._latest(each, unit.kind is not Kind.SENTENCE) for each in points)
        return max((at for at in found if at), default="")

    def new_of(self, unit: Unit) -> Unit | None:
        """The unit without the points of a list that were sent; None if nothing is left."""
        return self._divided(unit)[0]

    def sent_of(self, unit: Unit) -> Unit | None:
        """What of it was sent; None if nothing."""
        return self._divided(unit)[1]

    def _divided(self, unit: Unit) -> tuple[Unit | None, Unit | None]:
        if not self:
            return unit, None
        lead, points = _in_points(unit)
        sent = [self.say(each, unit.kind is not Kind.SENTENCE) for each in points]
        if all(sent):
            return None, unit
        if unit.kind is Kind.STEPS:
            sent = _begun(sent)
        if not any(sent):
            return unit, None
        new = [point for point, said in zip(points, sent, strict=True) if not said]
        old = [point for point, said in zip(points, sent, strict=True) if said]
        return replace(unit, text="\n".join([*lead, *new])), replace(unit, text="\n".join([*lead, *old]))

    def _latest(self, text: str, point: bool) -> str | None:
        phrases = [replace(each, point=each.point or point) for each in _phrases(text)] if self else []
        said = (at for at, windows in self._said if all(any(one.says(each) for one in windows) for each in phrases))
        return next(said, None) if phrases else None


def _begun(sent: Sequence[bool]) -> list[bool]:
    """Of steps only those that begin them, and not the first alone: many procedures begin with "Open Settings"."""
    first = next(at for at, said in enumerate(sent) if not said)
    return [at < first and first >= BEGUN for at in range(len(sent))]


def _in_points(unit: Unit) -> tuple[list[str], list[str]]:
    """The introduction of a list, if it has one, and its points; of a row of a table what its cells say.

    Where that is little ("no", "30 minutes"), also what the row is about.
    """
    if unit.kind is Kind.ROW:
        about, _dash, cells = unit.text.partition(" – ")
        said = _CELL_NAMES.sub(" ", cells)
        return [], [said if len(set(content_words(said, WORDS))) >= SHORT else f"{about} {said}"]
    if unit.kind not in (Kind.STEPS, Kind.LIST):
        return [], [unit.text]
    lead: list[str] = []
    points: list[str] = []
    for line in unit.text.split("\n"):
        if POINT.match(line):
            points.append(line)
        elif points:
            points[-1] += f"\n{line}"
        else:
            lead.append(line)
    return (lead, points) if points else ([], [unit.text])


def _has_figure(word: str) -> bool:
    return any(char.isdigit() for char in word)


def _phrases(text: str) -> Iterator[Phrase]:
    held: Phrase | None = None
    for each in _sentences(text):
        held = held | each if held else each
        if len(held.words) >= SHORT:
            yield held
            held = None
    if held:
        yield held


def _windows(text: str) -> Iterator[Phrase]:
    said = list(_sentences(text))
    yield from (one | other for one, other in pairwise(said)) if len(said) > 1 else said


def _sentences(text: str) -> Iterator[Phrase]:
    for start, end in sentences(text):
        mark = _MARK.match(text, start, end)
        words = content_words(text[mark.end() if mark else start : end], WORDS)
        if words:
            yield Phrase(frozenset(map(stem, words)), bool(mark))
