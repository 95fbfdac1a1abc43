"""Found passages as they are stored: ids and figures, no text. The text and its audience are read again from SQL."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F

from knowledge.models import Article, Chunk
from knowledge.search.passages import Passage

# What only the search knows; everything else of a passage is read again.
FIGURES = (
    *("score", "words", "similarity", "logit", "fused"),
    *("dense_rank", "lexical_rank", "fused_rank", "rerank_rank"),
)


def to_row(passage: Passage) -> dict[str, Any]:
    """Ready for JSON."""
    figures = {name: getattr(passage, name) for name in FIGURES}
    return {"chunk": passage.chunk_id, "revision": passage.revision_id, **figures}


def from_rows(rows: Sequence[dict[str, Any]]) -> tuple[Passage, ...] | None:
    """The passages as they are now; None if one of them is no longer published, or has a newer text."""
    chunks = Chunk.objects.filter(
        pk__in=[row["chunk"] for row in rows],
        article__in=Article.objects.published(),
        revision_id=F("article__published_id"),
    )
    there = chunks.select_related("article", "revision").in_bulk() if rows else {}
    if any(row["chunk"] not in there or there[row["chunk"]].revision_id != row["revision"] for row in rows):
        return None
    return tuple(
        Passage.of(there[row["chunk"]], **{name: row[name] for name in FIGURES} | {"words": tuple(row["words"])})
        for row in rows
    )
