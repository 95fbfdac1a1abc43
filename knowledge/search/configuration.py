"""How questions are searched now. Leads and authors change it in the sandbox; every change is a new row.

A row names the models it was made with. In use is the newest one made for the models that are configured; where there
is none, what ships for them (min_scores.py). So a switched embedder never keeps the other's minimum score, and gets
its own settings back when it is switched back.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from knowledge.index.embeddings import get_embedder
from knowledge.models import RetrievalConfiguration
from knowledge.search import min_scores
from knowledge.search.rerank import get_reranker

# More than what separates two first places (7/6), so that of two equal texts the one in the right language comes first.
LANGUAGE_BOOST = 1.25
CATEGORY_BOOST = 1.05


@dataclass(frozen=True)
class Models:
    """Names; `reranker` is empty where none is configured."""

    embedder: str
    reranker: str = ""

    def __str__(self) -> str:
        return f"{self.embedder} and {self.reranker}" if self.reranker else f"{self.embedder}, without a reranker"


@dataclass(frozen=True)
class Configuration:
    """`number` is the row's id; 0 for what ships. Boosts multiply a candidate's fused score: votes, not filters."""

    models: Models
    min_score: float
    rerank: bool = True
    language_boost: float = LANGUAGE_BOOST
    category_boost: float = CATEGORY_BOOST
    number: int = 0

    @property
    def name(self) -> str:
        return f"configuration {self.number}" if self.number else "as shipped"

    @property
    def version(self) -> str:
        """For caches and records: another one may search otherwise."""
        return f"{self.number}/{self.models.embedder}/{self.models.reranker}/{self.min_score:g}"


class Use(StrEnum):
    NOW = "in use"
    EARLIER = "earlier"
    OTHER_MODELS = "other models"


@dataclass(frozen=True)
class Change:
    """One row of the history. Only an EARLIER one can be used again."""

    row: RetrievalConfiguration
    use: Use

    @property
    def models(self) -> Models:
        return _models_of(self.row)


class MadeForOtherModels(Exception):
    """The numbers of this configuration mean nothing with the models that are configured."""


def configured() -> Models:
    reranker = get_reranker()
    return Models(get_embedder().name, reranker.name if reranker else "")


def shipped() -> Configuration:
    """What applies to the configured models until somebody saves another."""
    return Configuration(configured(), min_scores.of_embedder().value)


def current() -> Configuration:
    row = _rows(configured()).first()
    return _of(row) if row else shipped()


def previous() -> Configuration:
    """The one before the current; before the first change, what ships."""
    row = _rows(configured())[1:2].first()
    return _of(row) if row else shipped()


def min_score_not_measured(conf: Configuration) -> bool:
    """Whether its minimum score is a guess: nobody set or measured one for the embedder, or saved another."""
    found = min_scores.of_embedder()
    return found.source == "cautious" and (not conf.number or conf.min_score == found.value)


def min_score_unknown() -> bool:
    """The embedder cannot be loaded: what the page shows does for searching by words, and must not be kept for it."""
    return min_scores.of_embedder().source == "unknown"


def numbered(number: int) -> Configuration | None:
    """An earlier one; 0 is what ships. Raises MadeForOtherModels."""
    if number == 0:
        return shipped()
    row = RetrievalConfiguration.objects.filter(pk=number).first()
    if row is not None and _models_of(row) != configured():
        raise MadeForOtherModels(str(_models_of(row)))
    return _of(row) if row else None


def history(now: Configuration, most: int) -> list[Change]:
    """The newest changes, where `now` is in use; those made for its models come first."""
    same_models = Q(embedder=now.models.embedder, reranker=now.models.reranker)
    own = ExpressionWrapper(same_models, output_field=BooleanField())
    rows = RetrievalConfiguration.objects.alias(own=own).order_by("-own", "-id").select_related("created_by")[:most]
    return [Change(row, _use(row, now)) for row in rows]


def same(one: Configuration, other: Configuration) -> bool:
    """Whether both search alike, whatever their numbers."""
    return replace(one, number=0) == replace(other, number=0)


def save(values: Configuration, *, note: str = "", by: Any = None) -> Configuration:
    row = RetrievalConfiguration.objects.create(
        embedder=values.models.embedder,
        reranker=values.models.reranker,
        rerank=values.rerank,
        min_score=values.min_score,
        language_boost=values.language_boost,
        category_boost=values.category_boost,
        note=note[:200],
        created_by=by,
    )
    return _of(row)


def _rows(models: Models) -> QuerySet[RetrievalConfiguration]:
    return RetrievalConfiguration.objects.filter(embedder=models.embedder, reranker=models.reranker)


def _use(row: RetrievalConfiguration, now: Configuration) -> Use:
    if _models_of(row) != now.models:
        return Use.OTHER_MODELS
    return Use.NOW if row.pk == now.number else Use.EARLIER


def _models_of(row: RetrievalConfiguration) -> Models:
    return Models(row.embedder, row.reranker)


def _of(row: RetrievalConfiguration) -> Configuration:
    values = (row.min_score, row.rerank, row.language_boost, row.category_boost, row.pk)
    return Configuration(_models_of(row), *values)
