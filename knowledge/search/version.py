"""The search version: what a search result depends on. A stored result with another version is outdated."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Sum

from knowledge.models import Article, Chunk
from knowledge.search import configuration
from knowledge.search.query_language import KNOWN


@dataclass(frozen=True)
class SearchVersion:
    """With equal versions, the same question gives the same result, unless a part is down."""

    articles: str  # changes when an article is published, archived, expires, is indexed, or changes its category etc.
    configuration: str  # includes the names of the models
    multilingual: bool
    main_language: str = ""  # in which most articles for customers are

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def current() -> SearchVersion:
    published = _published()
    passages = Chunk.objects.aggregate(Max("pk"))["pk__max"]
    articles = hashlib.sha256(repr([*published, passages]).encode()).hexdigest()[:32]
    return SearchVersion(
        articles, configuration.current().version, settings.EMBEDDING_MULTILINGUAL, _main_language(published)
    )


def _published() -> list[tuple[Any, ...]]:
    """The number of articles by language, category and audience, with digests of their revisions."""
    kinds = ("language", "category", "audience")
    published = Article.objects.published().values_list(*kinds).annotate(Count("pk"), Sum("published"), Sum("indexed"))
    return list(published.order_by(*kinds))


def _main_language(published: Sequence[tuple[Any, ...]]) -> str:
    counts: Counter[str] = Counter()
    for language, _category, audience, count, *_revisions in published:
        if audience == Article.Audience.PUBLIC:
            counts[language] += count
    # Of equally many, the one that the embedder knows.
    return max(sorted(counts), key=lambda each: (counts[each], each == KNOWN), default="")
