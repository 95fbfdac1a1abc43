"""What the knowledge base has for a ticket, draft or not: search alone, no language model, no writing."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.core.cache import cache
from django.db.models import Count, Max

from copilot.evidence import grounds
from knowledge.models import Article
from knowledge.search import configuration, foreign
from knowledge.search.passages import Passage
from knowledge.search.retrieval import Degradation, SearchResult, search
from tickets.models import Message, Ticket

LIMIT = 8  # passages; of an article only the best is shown
SHOWN = 3  # articles seen at once, the others behind one click
KEEP = 600  # seconds: going back to a ticket costs no second search


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


def beside(ticket: Ticket) -> Hits:
    """For the latest message of the customer."""
    message = ticket.messages.filter(kind=Message.Kind.CUSTOMER).last()
    if message is None:
        return Hits(asked=False)
    result, believed = _found(ticket, message)
    there = _still_published(result.passages)
    sure = _best([each for each in there if each.chunk_id in believed])
    listed = _in_the_drafts_list(ticket, message)
    known = listed | {each.article_id for each in sure}
    return Hits(
        asked=True,
        passages=tuple(each for each in sure if each.article_id not in listed),
        doubtful=tuple(each for each in _best(there) if each.article_id not in known),
        found=len(sure),
        words_only=result.degradation == Degradation.WORDS_ONLY,
        best_score=result.best_score,
        min_score=result.min_score,
    )


def _best(passages: list[Passage]) -> list[Passage]:
    """Of each article the first."""
    return [group[0] for group in grounds.by_article(passages)]


def _found(ticket: Ticket, message: Message) -> tuple[SearchResult, frozenset[int]]:
    """What the search finds, and the chunks of it that count in the ticket's language."""
    key = f"hits.{message.pk}.{ticket.language}.{ticket.category}.{_edition()}"
    kept: tuple[SearchResult, frozenset[int]] | None = cache.get(key)
    if kept is not None:
        return kept
    asked = grounds.question_of(ticket, message)
    result = search(asked.query, limit=LIMIT, language=asked.language, category=ticket.category, history=asked.history)
    believed = frozenset(each.chunk_id for each in foreign.believed(asked.query, result.passages, asked.language))
    found = replace(result, candidates=(), configuration=None), believed
    if result.degradation is None:
        cache.set(key, found, KEEP)
    return found


def _edition() -> str:
    """Changes with every publication and every article that becomes searchable, and with how we search."""
    now = Article.objects.aggregate(Max("published"), Max("indexed"), Count("pk"))
    return ".".join(str(each) for each in (*now.values(), configuration.current().number))


def _still_published(passages: Collection[Passage]) -> list[Passage]:
    """What is kept is a cache: SQL says what may be shown now, and to whom."""
    articles = Article.objects.published().filter(pk__in={each.article_id for each in passages})
    now = {pk: (revision, audience) for pk, revision, audience in articles.values_list("pk", "published", "audience")}
    return [
        replace(each, audience=now[each.article_id][1])
        for each in passages
        if now.get(each.article_id, (None, ""))[0] == each.revision_id
    ]


def _in_the_drafts_list(ticket: Ticket, message: Message) -> set[int]:
    """Articles of the numbered list above, if it is about this message."""
    draft = ticket.drafts.first()
    if draft is None or draft.message_id != message.pk:
        return set()
    return set(draft.citations.exclude(article=None).values_list("article_id", flat=True))
