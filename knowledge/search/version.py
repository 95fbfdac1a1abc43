"""The search version: what a search result depends on. A stored result with another version is outdated."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Sum

from knowledge.models import Article, Chunk
from knowledge.search import configuration


@dataclass(frozen=True)
class SearchVersion:
    """With equal versions, the same question gives the same result, unless a part is down."""

    articles: str  # changes when an article is published, archived, expires, is indexed, or changes its category etc.
    configuration: str  # includes the names of the models
    multilingual: bool

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def current() -> SearchVersion:
    return SearchVersion(_articles(), configuration.current().version, settings.EMBEDDING_MULTILINGUAL)


def _articles() -> str:
    """A digest of the number of articles by language, category and audience, and of their revisions."""
    kinds = ("language", "category", "audience")
    published = Article.objects.published().values_list(*kinds).annotate(Count("pk"), Sum("published"), Sum("indexed"))
    passages = Chunk.objects.aggregate(Max("pk"))["pk__max"]
    return hashlib.sha256(repr([*published.order_by(*kinds), passages]).encode()).hexdigest()[:32]
