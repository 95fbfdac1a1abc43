"""What the knowledge base has for a ticket, draft or not: search alone, no language model, no writing."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.core.cache import cache
from django.db.models import Count, Max

from copilot import grounds
from knowledge import configuration, foreign
from knowledge.models import Article
from knowledge.passages import Passage
from knowledge.search import Degradation, SearchResult, search
from tickets.models import Message, Ticket

LIMIT = 8  # passages; of an article only the best is shown
SHOWN = 3  # articles seen at once, the others behind one click
KEEP = 600  # seconds: going back to a ticket costs no second search


@dataclass(frozen=True)
class Hits:
    """Of each article its best passage, best first, without those that the draft's own list already shows.

    `found` counts them all; `best_score` is that of the best candidate even when it was not good enough.
    """

    asked: bool
    passages: tuple[Passage, ...] = ()
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
    result = _found(ticket, message)
    best = [group[0] for group in grounds.by_article(_still_published(result.passages))]
    listed = _in_the_drafts_list(ticket, message)
    return Hits(
        asked=True,
        passages=tuple(each for each in best if each.article_id not in listed),
        found=len(best),
        words_only=result.degradation == Degradation.WORDS_ONLY,
        best_score=result.best_score,
        min_score=result.min_score,
    )


def _found(ticket: Ticket, message: Message) -> SearchResult:
    key = f"hits.{message.pk}.{ticket.language}.{ticket.category}.{_edition()}"
    kept: SearchResult | None = cache.get(key)
    if kept is not None:
        return kept
    asked = grounds.question_of(ticket, message)
    result = search(asked.query, limit=LIMIT, language=asked.language, category=ticket.category, history=asked.history)
    believed = foreign.believed(asked.query, result.passages, asked.language)
    if result.passages and not believed:
        result = replace(result, best_score=None)  # near only in the eyes of an embedder that cannot read it
    result = replace(result, passages=believed, candidates=(), configuration=None)
    if result.degradation is None:
        cache.set(key, result, KEEP)
    return result


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
