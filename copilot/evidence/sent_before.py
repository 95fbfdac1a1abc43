"""What earlier replies on a ticket have said, so that a draft can leave it out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from copilot.evidence.sentences import sentences
from copilot.models import DraftRecord
from copilot.redaction import bounded
from knowledge.index.lexical import content_words, stem
from tickets.models import Message, OutgoingMail

Sent = tuple[str, str]  # when (ISO 8601), what
NOT_SENT = (OutgoingMail.State.UNDONE, OutgoingMail.State.FAILED)
MOST = 20  # replies
# A reply says a sentence if it lacks less than this share of its content words, in one sentence or two that follow each
# other. Points of a list are instructions, which members shorten: "Profile › Notifications: allow".
NEW, NEW_IN_POINT = 0.2, 0.3
WORDS = 200  # different words of one sentence
SHORT = 3  # different content words: with fewer, a sentence is compared together with the next one
_MARK = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_CITATION = re.compile(r" ?\[\d{1,2}\]")


def of(message: Message) -> tuple[Sent, ...]:
    """The replies before this message, newest first; of translated sentences also what they are a translation of."""
    replies = message.ticket.messages.filter(kind=Message.Kind.REPLY, created_at__lt=message.created_at)
    sent = replies.exclude(outgoing__state__in=NOT_SENT).order_by("-created_at", "-pk")
    rows = sent.select_related("from_draft__record").prefetch_related("from_draft__citations")[:MOST]
    return tuple((each.created_at.isoformat(), text) for each in rows for text in (bounded(each.text), *_sources(each)))


def _sources(reply: Message) -> Iterator[str]:
    """The units behind those translated sentences of the draft that were sent."""
    draft = getattr(reply, "from_draft", None)
    record = getattr(draft, "record", None)
    if draft is None or record is None or record.form != DraftRecord.Form.WRITTEN:
        return
    sent, units = Replies((("", reply.text),)), {each.number: each.excerpt for each in draft.citations.all()}
    for sentence in record.sentences:
        said = _CITATION.sub("", draft.text[sentence["start"] : sentence["end"]])
        if sent.say(said):
            yield from (units[number] for number in sentence["units"] if number in units)


@dataclass(frozen=True)
class Part:
    """The content words of a sentence or of a point of a list; those of a short one together with the next one's."""

    words: frozenset[str]
    point: bool

    def is_in(self, words: frozenset[str]) -> bool:
        """With another figure it is something else."""
        missing = self.words - words
        new = len(missing) / len(self.words)
        return new < (NEW_IN_POINT if self.point else NEW) and not any(map(_has_figure, missing))


class Replies:
    """Earlier replies, to be asked what they say. Without any they say nothing."""

    def __init__(self, sent: Sequence[Sent] = ()) -> None:
        self._said = [(at, list(_windows(text))) for at, text in sent]

    def __bool__(self) -> bool:
        return bool(self._said)

    def say(self, text: str) -> bool:
        return self._latest(text) is not None

    def when(self, text: str) -> str:
        """When the latest reply that says all of it was sent; "" if none does."""
        return self._latest(text) or ""

    def _latest(self, text: str) -> str | None:
        parts = list(_parts(text)) if self else []
        said = (at for at, windows in self._said if all(any(map(each.is_in, windows)) for each in parts))
        return next(said, None) if parts else None


def _has_figure(word: str) -> bool:
    return any(char.isdigit() for char in word)


def _parts(text: str) -> Iterator[Part]:
    held: Part | None = None
    for each in _sentences(text):
        held = Part(held.words | each.words, held.point or each.point) if held else each
        if len(held.words) >= SHORT:
            yield held
            held = None
    if held:
        yield held


def _windows(text: str) -> Iterator[frozenset[str]]:
    said = [each.words for each in _sentences(text)]
    yield from (one | other for one, other in pairwise(said)) if len(said) > 1 else said


def _sentences(text: str) -> Iterator[Part]:
    for start, end in sentences(text):
        mark = _MARK.match(text, start, end)
        words = content_words(text[mark.end() if mark else start : end], WORDS)
        if words:
            yield Part(frozenset(map(stem, words)), bool(mark))
