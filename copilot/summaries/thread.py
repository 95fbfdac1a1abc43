"""A ticket's messages as numbered sentences, masked and bounded."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, takewhile
from operator import itemgetter
from typing import Any, Literal, NamedTuple

from django.db.models import QuerySet

from copilot.drafting.citation_marks import BEHIND_SENTENCE
from copilot.drafting.citations import strip_citations
from copilot.evidence.lengths import cut, size
from copilot.evidence.question_text import shortened
from copilot.evidence.sentences import sentences
from copilot.redaction import PLACEHOLDER, Masker
from copilot.redaction.values import masker_of
from copilot.summaries.bare import body
from copilot.summaries.words import is_thanks
from knowledge.index.lexical import content_words
from tickets import languages
from tickets.models import Message, OutgoingMail, Ticket

MOST_WORDS = 900
MESSAGE_WORDS = 220  # of one message
LEAST_WORDS = 30  # with less room left no other message is taken
SENTENCE_WORDS = 60
MOST_MESSAGES = 40  # the newest; with the first one of the customer
FALLBACK = "en"
By = Literal["customer", "agent", "note"]
Row = tuple[Any, ...]
# What was forwarded and answered is as internal as a note.
_BY: Mapping[str, By] = {"customer": "customer", "reply": "agent", "note": "note", "forward": "note", "other": "note"}
_LETTERS = re.compile(r"[^\W\d_]{2,}")


class End(NamedTuple):
    """What a summary is up to: the newest message, and how many there are. One may come in before the newest."""

    upto: int | None = None
    messages: int = 0


@dataclass(frozen=True)
class Sentence:
    """`number`: from 1, in the order of the thread; `message`: the id of its message; `text`: masked, one line."""

    number: int
    message: int
    by: By
    text: str


@dataclass(frozen=True)
class Thread:
    """`upto`: the newest message, None without any. `added`: placeholders that the ticket does not have yet.
    `messages`: how many there are, also if not all of them are read."""

    upto: int | None = None
    sentences: tuple[Sentence, ...] = ()
    language: str = FALLBACK
    added: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    messages: int = 0

    @property
    def end(self) -> "End":
        return End(self.upto, self.messages)

    def of(self, numbers: Sequence[int]) -> tuple[Sentence, ...]:
        return tuple(each for each in self.sentences if each.number in numbers)


@dataclass(frozen=True)
class Said:
    """A message: what its text says."""

    message: int
    by: By
    text: str


def newest(ticket: Ticket, *, opening: bool = False) -> End:
    """What `end` of the thread would be, without reading it."""
    return newest_of([ticket], opening=opening).get(ticket.pk, End())


def newest_of(tickets: Iterable[Ticket], *, opening: bool = False) -> dict[int, End]:
    """By ticket, in one query; without those on which nobody has written anything."""
    messages = counted(Message.objects.filter(ticket__in=tickets)).order_by("ticket", "created_at", "pk")
    groups = groupby(messages.values_list("pk", "kind", "ticket"), key=itemgetter(2))
    found = {ticket: before_reply(rows) if opening else list(rows) for ticket, rows in groups}
    return {ticket: End(rows[-1][0], len(rows)) for ticket, rows in found.items() if rows}


def before_reply(rows: Iterable[Row]) -> list[Row]:
    """Of messages as (id, kind, …), oldest first: those before our first reply."""
    return list(takewhile(lambda row: row[1] != Message.Kind.REPLY, rows))


def _messages(ticket: Ticket) -> QuerySet[Message]:
    return counted(ticket.messages.all())


def counted(messages: QuerySet[Message]) -> QuerySet[Message]:
    """Without undone replies, and without the notes that packages of escalations are: they are made of summaries."""
    return messages.exclude(outgoing__state=OutgoingMail.State.UNDONE).filter(escalation__isnull=True)


def read(ticket: Ticket, *, opening: bool = False) -> Thread:
    """`opening`: only what was written before our first reply, which says what was asked."""
    rows: Iterable[Any] = _messages(ticket).values_list("pk", "kind", "text")
    said = [Said(pk, _BY[kind], text) for pk, kind, text in (before_reply(rows) if opening else rows)]
    if not said:
        return Thread(language=_language(ticket, ()))
    masker = masker_of(ticket)
    chosen = _chosen(said, masker)
    masker.learn(ticket.subject, *(each.text for each in chosen))
    texts = [Said(each.message, each.by, _essence(each, masker)) for each in chosen]
    numbered = in_sentences(_with_subject(masker.mask(ticket.subject), texts))
    named = {found[1] for each in numbered for found in PLACEHOLDER.finditer(each.text)}
    added = {name: value for name, value in masker.added.items() if name in named}
    return Thread(said[-1].message, numbered, _language(ticket, chosen), added, len(said))


def in_sentences(said: Sequence[Said]) -> tuple[Sentence, ...]:
    """Oldest first, numbered from 1. What is only thanks, or has no word, is left out."""
    found: list[Sentence] = []
    for each in said:
        for start, end in sentences(each.text):
            text = cut(" ".join(each.text[start:end].split()), SENTENCE_WORDS)
            if _LETTERS.search(text) and not is_thanks(text):
                found.append(Sentence(len(found) + 1, each.message, each.by, text))
    return tuple(found)


def _chosen(said: Sequence[Said], masker: Masker) -> list[Said]:
    """The customer's first message and as many of the newest ones as there is room for, oldest first."""
    first = next((each for each in said if each.by == "customer"), None)
    newest = [each for each in said[::-1][:MOST_MESSAGES] if each is not first]
    chosen, room = [], float(MOST_WORDS)
    for each in ([first] if first else []) + newest:
        if room < LEAST_WORDS:
            break
        if text := _essence(each, masker):
            chosen.append(each)
            room -= size(text)
    return [each for each in said if each in chosen]


def _essence(said: Said, masker: Masker) -> str:
    text = masker.mask(said.text)
    text = BEHIND_SENTENCE.sub("", text) if said.by == "customer" else strip_citations(text)
    return shortened(body(text, ours=said.by == "agent"), MESSAGE_WORDS)


def _with_subject(subject: str, said: Sequence[Said]) -> list[Said]:
    """The subject is the first sentence of a customer's first message that does not say it."""
    place = next((at for at, each in enumerate(said) if each.by == "customer"), None)
    if place is None:
        return list(said)
    first = said[place]
    missing = set(content_words(subject)) - set(content_words(first.text))
    text = f"{subject}\n\n{first.text}" if len(missing) > 1 else first.text
    return [Said(first.message, first.by, text) if each is first else each for each in said]


def _language(ticket: Ticket, said: Sequence[Said]) -> str:
    """The customer's, read in the newest message that shows it."""
    own = [each.text for each in reversed(said) if each.by == "customer"]
    read = next(filter(None, map(languages.detect, own)), "")
    return read or ticket.language or ticket.customer.language or FALLBACK
