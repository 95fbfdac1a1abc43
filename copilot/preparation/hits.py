"""What the knowledge base has for a ticket, with or without a draft, from its preparation. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import get_language_info

from copilot.evidence import gathering
from copilot.preparation import pipeline
from knowledge.search.passages import Passage
from knowledge.search.questions import Translation
from knowledge.search.retrieval import Degradation
from tickets.models import Message, Ticket

SHOWN = 3  # articles shown at once; one click shows the others


@dataclass(frozen=True)
class Hits:
    """The best passage of each article, best first, without those that the draft's own list already shows.

    `found` counts all of them. `doubtful`: found only by an embedder that does not know the ticket's language.
    `best_score`: that of the best candidate, even if it is below the minimum score. `into_code`: the language into
    which the question is translated, or will be when the writer has done it.
    """

    asked: bool
    passages: tuple[Passage, ...] = ()
    doubtful: tuple[Passage, ...] = ()
    found: int = 0
    words_only: bool = False
    best_score: float | None = None
    min_score: float = 0.0
    translation: Translation | None = None
    into_code: str = ""  # ISO 639-1

    @property
    def searched_as(self) -> str:
        """The translated question, on one line."""
        return " ".join(" ".join(self.translation.texts).split()) if self.translation else ""

    @property
    def into(self) -> str:
        """Its name, in the page's language."""
        try:
            return str(get_language_info(self.into_code)["name_translated"])
        except KeyError:  # Django has no name for it
            return self.into_code

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
    reliable = _best(prepared.reliable)
    listed = _listed_by_draft(ticket, message)
    known = listed | {each.article_id for each in reliable}
    return Hits(
        asked=True,
        passages=tuple(each for each in reliable if each.article_id not in listed),
        doubtful=tuple(each for each in _best(result.passages) if each.article_id not in known),
        found=len(reliable),
        words_only=result.degradation == Degradation.WORDS_ONLY,
        best_score=result.best_score,
        min_score=result.min_score,
        translation=prepared.translated.translation,
        into_code=prepared.translated.into if prepared.translated.waits or prepared.translated.texts else "",
    )


def _best(passages: Sequence[Passage]) -> list[Passage]:
    """The first passage of each article."""
    return [group[0] for group in gathering.by_article(passages)]


def _listed_by_draft(ticket: Ticket, message: Message) -> set[int]:
    """Articles of the numbered list above, if it is about this message."""
    draft = ticket.drafts.visible().first()
    if draft is None or draft.message_id != message.pk:
        return set()
    return set(draft.citations.exclude(article=None).values_list("article_id", flat=True))
