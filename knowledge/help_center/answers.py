"""Finds public articles for a visitor's question: for each its best passage and the address of that section."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.core.cache import cache

from config.web.public_site import language_name
from knowledge.help_center import addresses, public_articles
from knowledge.help_center.marking import Piece, excerpt
from knowledge.masking.forms import for_search
from knowledge.models import Article
from knowledge.search import configuration, query_language
from knowledge.search.passages import Passage
from knowledge.search.retrieval import Degradation, SearchResult, search

PUBLIC = (Article.Audience.PUBLIC,)
QUERY_LIMIT = 300
MIN_LENGTH = 2  # characters of a query
ANSWERS = 8
RELATED = 4
RELATED_CACHED = 24 * 3600  # seconds
DEGRADED_CACHED = 60  # found without one of the search's parts: try again soon


@dataclass(frozen=True)
class Answer:
    article_id: int
    title: str
    section: str
    pieces: list[Piece]
    url: str
    language: str

    @property
    def language_name(self) -> str:
        """As its speakers call it."""
        return language_name(self.language)


@dataclass(frozen=True)
class Found:
    """`best_score` is None when the search was by words only: then nothing has a score."""

    answers: list[Answer]
    best_score: float | None


def clean(query: str) -> str:
    return " ".join(query.replace("\x00", " ").split())[:QUERY_LIMIT]


def find(query: str, language: str, limit: int = ANSWERS, via: str = "search") -> Found:
    """The best passage of each public article. The links carry `via`, so that an opened article can be counted."""
    asked = for_search(query)
    result = search(asked, limit=limit, language=language, audience=PUBLIC)
    passages = query_language.reliable(asked, result.passages, language)
    # The search has checked the audience; a public page checks again, by its own rule.
    there = public_articles.entries({passage.article_id for passage in passages})
    best: dict[int, Passage] = {}
    for passage in passages:
        if passage.article_id in there:
            best.setdefault(passage.article_id, passage)
    return Found([_answer(passage, query, via) for passage in best.values()], _score(result, passages))


def _score(result: SearchResult, passages: Sequence[Passage]) -> float | None:
    if result.degradation == Degradation.WORDS_ONLY:
        return None
    all_dropped = result.passages and not passages
    return 0.0 if all_dropped else (result.best_score or 0.0)


def _answer(passage: Passage, query: str, via: str) -> Answer:
    address = addresses.article(passage.language, passage.article_id, passage.title)
    fragment = f"#{passage.anchor}" if passage.anchor else ""
    return Answer(
        article_id=passage.article_id,
        title=passage.title,
        section=passage.heading_path,
        pieces=excerpt(passage.text, query),
        url=f"{address}?from={via}{fragment}",
        language=passage.language,
    )


def related(article: Article) -> list[public_articles.Entry]:
    """Articles near in meaning to this one, then others of its category. Their ids are cached for each revision;
    whether they are public is checked each time."""
    key = f"help.related.{article.published_id}"
    ids = cache.get(key)
    if ids is None:
        ids, seconds = _related_ids(article)
        cache.set(key, ids, seconds)
    there = public_articles.entries(ids)
    return [there[each] for each in ids if each in there and there[each].language == article.language][:RELATED]


def _related_ids(article: Article) -> tuple[list[int], int]:
    title = article.published.title if article.published else article.title
    # No minimum score: related is enough. No reranker: it would keep the first reader waiting.
    quick = replace(configuration.current(), rerank=False)
    result = search(
        title, limit=20, language=article.language, category=article.category, audience=PUBLIC, min_score=0, using=quick
    )
    near = Counter(passage.article_id for passage in result.passages)
    beside = public_articles.public().filter(category=article.category, language=article.language)
    same = list(beside.order_by("-published_at").values_list("pk", flat=True)[: 4 * RELATED])
    ids = [each for each in dict.fromkeys([*near, *same]) if each != article.pk]
    return ids[: 6 * RELATED], DEGRADED_CACHED if result.degradation else RELATED_CACHED
