"""What a search result was made with, so that whoever keeps one sees when it must be made again."""

from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Sum

from knowledge.models import Article, Chunk
from knowledge.search import configuration


@dataclass(frozen=True)
class Edition:
    """Two equal editions give the same result for the same question, as far as all parts work."""

    articles: str  # another one with every publication, withdrawal and expiry, and when vectors arrive
    configuration: str  # it names the models
    multilingual: bool

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def current() -> Edition:
    return Edition(_articles(), configuration.current().edition, settings.EMBEDDING_MULTILINGUAL)


def _articles() -> str:
    published = Article.objects.published().aggregate(Count("pk"), Sum("published"), Sum("indexed"))
    passages = Chunk.objects.aggregate(Max("pk"))
    return ".".join(str(each or 0) for each in (*published.values(), *passages.values()))
