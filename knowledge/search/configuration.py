"""How questions are searched now. Leads and authors change it in the sandbox; every change is a new row."""

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from knowledge.models import RetrievalConfiguration

# More than what separates two first places (7/6), so that of two equal texts the one in the right language comes first.
LANGUAGE_BOOST = 1.25
CATEGORY_BOOST = 1.05


@dataclass(frozen=True)
class Configuration:
    """`number` is the row's id; 0 for what ships. Boosts multiply a candidate's fused score: votes, not filters."""

    rerank: bool = True
    min_answerable: float = 0.58
    language_boost: float = LANGUAGE_BOOST
    category_boost: float = CATEGORY_BOOST
    number: int = 0

    @property
    def name(self) -> str:
        return f"configuration {self.number}" if self.number else "as shipped"


def shipped() -> Configuration:
    return Configuration(min_answerable=settings.RETRIEVAL_MIN_SCORE)


def current() -> Configuration:
    row = RetrievalConfiguration.objects.first()
    return _of(row) if row else shipped()


def previous() -> Configuration:
    """The one before the current; before the first change, what ships."""
    row = RetrievalConfiguration.objects.all()[1:2].first()
    return _of(row) if row else shipped()


def numbered(number: int) -> Configuration | None:
    """An earlier one; 0 is what ships."""
    row = RetrievalConfiguration.objects.filter(pk=number).first()
    return _of(row) if row else (shipped() if number == 0 else None)


def same(one: Configuration, other: Configuration) -> bool:
    """Whether both search alike, whatever their numbers."""
    return replace(one, number=0) == replace(other, number=0)


def save(values: Configuration, *, note: str = "", by: Any = None) -> Configuration:
    row = RetrievalConfiguration.objects.create(
        rerank=values.rerank,
        min_answerable=values.min_answerable,
        language_boost=values.language_boost,
        category_boost=values.category_boost,
        note=note[:200],
        created_by=by,
    )
    return _of(row)


def _of(row: RetrievalConfiguration) -> Configuration:
    return Configuration(row.rerank, row.min_answerable, row.language_boost, row.category_boost, row.pk)
