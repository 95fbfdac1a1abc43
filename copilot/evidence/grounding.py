"""What a draft may rest on: the passages found for a question, cut to what the model reads."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from copilot.evidence.excerpts import window
from copilot.evidence.lengths import size
from copilot.evidence.question import Question
from copilot.redaction import without_placeholders
from knowledge.models import Article, Chunk
from knowledge.search.retrieval import Passage, SearchResult, search

# Words for the best article and the second. On a CPU every word delays the first token (two cores read 80 to 170
# tokens per second), the answer is mostly in the first article, and more text distracts a small model.
BUDGETS = (140, 60)
MAX_INTERNAL = 2
LIMIT = 8  # passages searched for; of each article a ticket shows only the best


@dataclass(frozen=True)
class Grounding:
    """Everything that a draft may rest on. `excerpts[0]` is what `[1]` refers to, and so on.

    `internal` hits are for agents only: the model never reads them, so that nothing of them can reach a customer.
    """

    passages: tuple[Passage, ...]
    excerpts: tuple[str, ...]
    found: SearchResult
    internal: tuple[Passage, ...] = ()


def find(question: Question, category: str = "") -> Grounding:
    """Search the knowledge base for what may answer. No passages: nothing good enough was found."""
    found = search_for(question.query, question.language, category, question.history)
    return grounding_of(question.query, found)


def search_for(query: str, language: str, category: str, history: Sequence[str]) -> SearchResult:
    return search(query, limit=LIMIT, language=language, category=category, history=history)


def grounding_of(query: str, found: SearchResult) -> Grounding:
    """From a search result: what the model may read, cut to size, and what only agents may see."""
    groups = [group for group in by_article(found.passages) if worth_reading(group[0], found.best_score)]
    public = [group for group in groups if not group[0].internal][: len(BUDGETS)]
    internal = tuple(group[0] for group in groups if group[0].internal)[:MAX_INTERNAL]
    around = surroundings([group[0].revision_id for group in public])
    excerpts = tuple(
        excerpt(group, around.get(group[0].revision_id, []), query, budget)
        for group, budget in zip(public, BUDGETS, strict=False)
    )
    return Grounding(tuple(group[0] for group in public), excerpts, found, internal)


def withdrawn(grounding: Grounding) -> bool:
    """Whether an article that the model read is no longer for customers: withdrawn, expired, erased or internal.

    Locks the articles, so that the answer holds until the transaction ends.
    """
    read = {passage.article_id for passage in grounding.passages if passage.article_id}
    still = for_customers(read).select_for_update().order_by("pk")
    return len(still.values_list("pk", flat=True)) < len(read)


def for_customers(article_ids: Collection[int]) -> QuerySet[Article]:
    """Those of the articles that a reply may rest on today."""
    return Article.objects.published().filter(pk__in=article_ids, audience=Article.Audience.PUBLIC)


def worth_reading(passage: Passage, best_score: float | None) -> bool:
    """Score at least 0.9 × the best score. Further behind it is about something else, and distracts the model."""
    return passage.score >= 0.9 * (best_score or 0)


def by_article(passages: Sequence[Passage]) -> list[list[Passage]]:
    """Hits of one article become one numbered source, the best of them first; articles keep their order."""
    groups: dict[int, list[Passage]] = {}
    for position, passage in enumerate(passages):
        groups.setdefault(passage.article_id or -position - 1, []).append(passage)
    return list(groups.values())


def surroundings(revision_ids: Sequence[int]) -> dict[int, list[Chunk]]:
    """All chunks of the revisions, in reading order."""
    chunks: dict[int, list[Chunk]] = {}
    for chunk in Chunk.objects.filter(revision__in=revision_ids).order_by("ordinal"):
        chunks.setdefault(chunk.revision_id, []).append(chunk)
    return chunks


def excerpt(hits: list[Passage], chunks: list[Chunk], query: str, budget: int) -> str:
    """Title, the sections that were found, the article's introduction and what else fits, in reading order.

    A section alone often lacks the sentence that answers ("within 5 minutes"), which is in the introduction.
    """
    best = hits[0]
    if not chunks:
        return f"{best.title}: {without_placeholders(window(best.text, query, budget))}"
    ids = [hit.chunk_id for hit in hits]
    near = next((chunk.ordinal for chunk in chunks if chunk.pk == best.chunk_id), 0)
    wanted = sorted(
        chunks,
        key=lambda chunk: (
            ids.index(chunk.pk) if chunk.pk in ids else len(ids),
            chunk.ordinal > 0,
            abs(chunk.ordinal - near),
        ),
    )
    taken: dict[int, str] = {}
    left: float = budget
    for chunk in wanted:
        if left < 12:
            break
        text = section(chunk, query, left)
        taken[chunk.ordinal] = text
        left -= size(text)
    return without_placeholders(f"{best.title}: " + "\n".join(taken[ordinal] for ordinal in sorted(taken)))


def section(chunk: Chunk, query: str, words: float) -> str:
    text = window(chunk.text, query, words)
    return f"{chunk.heading_path}: {text}" if chunk.heading_path else text
