"""What a search result was made with, so that whoever keeps one sees when it must be made again."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Sum

from knowledge.models import Article, Chunk
from knowledge.search import configuration


@dataclass(frozen=True)
class SearchVersion:
    """Two equal versions give the same result for the same question, as far as all parts work."""

    articles: str  # another one with every publication, withdrawal, expiry and change of kind, and when vectors arrive
    configuration: str  # it names the models
    multilingual: bool

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def current() -> SearchVersion:
    return SearchVersion(_articles(), configuration.current().version, settings.EMBEDDING_MULTILINGUAL)


def _articles() -> str:
    """A digest of how many there are of each kind that the search tells apart, and of their revisions."""
    kinds = ("language", "category", "audience")
    published = Article.objects.published().values_list(*kinds).annotate(Count("pk"), Sum("published"), Sum("indexed"))
    passages = Chunk.objects.aggregate(Max("pk"))["pk__max"]
    return hashlib.sha256(repr([*published.order_by(*kinds), passages]).encode()).hexdigest()[:32]
