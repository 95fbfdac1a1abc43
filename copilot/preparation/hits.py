"""What the knowledge base has for a ticket, draft or not, as its preparation found it. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass

from copilot.evidence import grounding
from copilot.preparation import pipeline
from knowledge.search.passages import Passage
from knowledge.search.retrieval import Degradation
from tickets.models import Message, Ticket

SHOWN = 3  # articles seen at once, the others behind one click


@dataclass(frozen=True)
class Hits:
    """Of each article its best passage, best first, without those that the draft's own list already shows.

    `found` counts them all; `doubtful` ones are near only in the eyes of an embedder that cannot read the ticket's
    language; `best_score` is that of the best candidate even when it was not good enough.
    """

    asked: bool
    passages: tuple[Passage, ...] = ()
    doubtful: tuple[Passage, ...] = ()
    found: int = 0
    words_only: bool = False
    best_score: float | None = None
    min_score: float = 0.0

    @property
    def first(self) -> tuple[Passage, ...]:
        return self.passages[:SHOWN]

    @property
    def more(self) -> tuple[Passage, ...]:
        return self.passages[SHOWN:]


def hits_for(ticket: Ticket) -> Hits:
    """For the latest message of the customer."""
    message = ticket.messages.filter(kind=Message.Kind.CUSTOMER).last()
    if message is None:
        return Hits(asked=False)
    message.ticket = ticket
    prepared = pipeline.preview(message)
    result = prepared.found.result
    sure = _best(prepared.reliable)
    listed = _in_the_drafts_list(ticket, message)
    known = listed | {each.article_id for each in sure}
    return Hits(
        asked=True,
        passages=tuple(each for each in sure if each.article_id not in listed),
        doubtful=tuple(each for each in _best(result.passages) if each.article_id not in known),
        found=len(sure),
        words_only=result.degradation == Degradation.WORDS_ONLY,
        best_score=result.best_score,
        min_score=result.min_score,
    )


def _best(passages: Sequence[Passage]) -> list[Passage]:
    """Of each article the first."""
    return [group[0] for group in grounding.by_article(passages)]


def _in_the_drafts_list(ticket: Ticket, message: Message) -> set[int]:
    """Articles of the numbered list above, if it is about this message."""
    draft = ticket.drafts.first()
    if draft is None or draft.message_id != message.pk:
        return set()
    return set(draft.citations.exclude(article=None).values_list("article_id", flat=True))
