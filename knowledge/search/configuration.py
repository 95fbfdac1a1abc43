"""The search settings in use. Leads and authors change them under "Try a search"; every change is a new row.

A row names the models it was made for. The newest row for the models that run now is in use; without one, the defaults
are (min_scores.py). So another embedder never gets the first one's minimum score, and switching back brings the first
one's settings back.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet
from django.utils.translation import gettext as _

from knowledge.index.embeddings import get_embedder
from knowledge.models import RetrievalConfiguration
from knowledge.search import min_scores
from knowledge.search.rerank import get_reranker

# More than the ratio of first to second place in fusion (7/6): of two equal texts, the customer's language comes first.
LANGUAGE_BOOST = 1.25
CATEGORY_BOOST = 1.05


@dataclass(frozen=True)
class Models:
    """Names. `reranker` is empty if none is configured."""

    embedder: str
    reranker: str = ""

    def __str__(self) -> str:
        return f"{self.embedder} and {self.reranker}" if self.reranker else f"{self.embedder}, without a reranker"

    @property
    def label(self) -> str:
        """For pages; `str` is for commands and doctor."""
        names = {"embedder": self.embedder, "reranker": self.reranker}
        return _("%(embedder)s and %(reranker)s") % names if self.reranker else _("%(embedder)s, no reranker") % names


@dataclass(frozen=True)
class Configuration:
    """`number` is the row's id, 0 for the defaults. Boosts multiply a candidate's fused score; they exclude nothing."""

    models: Models
    min_score: float
    rerank: bool = True
    language_boost: float = LANGUAGE_BOOST
    category_boost: float = CATEGORY_BOOST
    number: int = 0

    @property
    def name(self) -> str:
        """For commands and doctor; pages use `label`."""
        return f"configuration {self.number}" if self.number else "default settings"

    @property
    def label(self) -> str:
        return _("configuration %(number)d") % {"number": self.number} if self.number else _("default settings")

    @property
    def version(self) -> str:
        """For caches and records: with another version, the same question may find something else."""
        return f"{self.number}/{self.models.embedder}/{self.models.reranker}/{self.min_score:g}"


# The note that `restore` stores, in English; older rows say "as shipped".
RESTORED = re.compile(r"Back to (?:configuration (?P<number>\d+)|(?:the )?default settings|as shipped)")


class Use(StrEnum):
    NOW = "in use"
    EARLIER = "earlier"
    OTHER_MODELS = "other models"


@dataclass(frozen=True)
class Change:
    """One row of the history. Only those that are EARLIER can be used again."""

    row: RetrievalConfiguration
    use: Use

    @property
    def models(self) -> Models:
        return _models_of(self.row)

    @property
    def note(self) -> str:
        """What the member wrote; one that `restore` wrote is translated."""
        if found := RESTORED.fullmatch(self.row.note):
            number = found["number"]
            return _("Back to configuration %(number)s") % {"number": number} if number else _("Back to the defaults")
        return self.row.note


class MadeForOtherModels(Exception):
    """The scores of this configuration mean nothing with the models that run now."""


def configured() -> Models:
    reranker = get_reranker()
    return Models(get_embedder().name, reranker.name if reranker else "")


def defaults() -> Configuration:
    """For the models that run now, until somebody saves other settings."""
    return Configuration(configured(), min_scores.of_embedder().value)


def current() -> Configuration:
    row = _rows(configured()).first()
    return _of(row) if row else defaults()


def previous() -> Configuration:
    """The one before the current; the defaults if there was only one change or none."""
    row = _rows(configured())[1:2].first()
    return _of(row) if row else defaults()


def min_score_not_measured(conf: Configuration) -> bool:
    """Whether its minimum score is a guess: not measured, not set in the environment, and not saved by anybody."""
    found = min_scores.of_embedder()
    return found.source == "cautious" and (not conf.number or conf.min_score == found.value)


def min_score_unknown() -> bool:
    """Whether the embedder cannot be loaded: the score shown then is for words only and must not be saved."""
    return min_scores.of_embedder().source == "unknown"


def numbered(number: int) -> Configuration | None:
    """An earlier one, or the defaults for 0. Raises MadeForOtherModels."""
    if number == 0:
        return defaults()
    row = RetrievalConfiguration.objects.filter(pk=number).first()
    if row is not None and _models_of(row) != configured():
        raise MadeForOtherModels(str(_models_of(row)))
    return _of(row) if row else None


def history(now: Configuration, most: int) -> list[Change]:
    """The newest changes, those for the models of `now` first."""
    same_models = Q(embedder=now.models.embedder, reranker=now.models.reranker)
    own = ExpressionWrapper(same_models, output_field=BooleanField())
    rows = RetrievalConfiguration.objects.alias(own=own).order_by("-own", "-id").select_related("created_by")[:most]
    return [Change(row, _use(row, now)) for row in rows]


def same(one: Configuration, other: Configuration) -> bool:
    """Whether both have the same settings, whatever their numbers."""
    return replace(one, number=0) == replace(other, number=0)


def restore(wanted: Configuration, by: Any) -> Configuration:
    return save(wanted, note=f"Back to {wanted.name}", by=by)


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
