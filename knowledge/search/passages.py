"""The passages found for a question, and which of them are worth showing. Pure."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from knowledge.models import Article, Chunk
from knowledge.text.rendering import anchor

PER_ARTICLE = 2
# Once the best passage reaches the minimum score, another may be this much below it: it adds what the first leaves out.
SLACK = 0.1
SAME_TEXT = 0.85  # share of words in common above which two passages say the same


@dataclass(frozen=True)
class Passage:
    """A chunk of an article's published revision, with the reasons why it was found."""

    chunk_id: int
    article_id: int
    revision_id: int
    title: str
    heading_path: str
    text: str
    audience: str
    category: str
    language: str
    score: float  # 0..1: cosine similarity; by words alone, on the same scale (retrieval.py)
    dense_rank: int | None
    lexical_rank: int | None
    updated_at: datetime
    review_by: date | None
    why: str
    similarity: float | None = None  # cosine
    fused_rank: int | None = None  # by meaning and words together, before the reranker
    rerank_rank: int | None = None
    logit: float | None = None
    fused: float = 0.0
    cut: str = ""  # why it was left out; empty for what is shown

    @classmethod
    def of(cls, chunk: Chunk, **figures: Any) -> "Passage":
        """What SQL says of the chunk today, and what the search found out about it."""
        article = chunk.article
        return cls(
            chunk_id=chunk.pk,
            article_id=article.pk,
            revision_id=chunk.revision_id,
            title=chunk.revision.title,
            heading_path=chunk.heading_path,
            text=chunk.text,
            audience=article.audience,
            category=article.category,
            language=article.language,
            updated_at=article.updated_at,
            review_by=article.review_by,
            **figures,
        )

    @property
    def internal(self) -> bool:
        return self.audience == Article.Audience.INTERNAL

    @property
    def anchor(self) -> str:
        """The fragment of its section on the article's page."""
        return anchor(self.heading_path)

    @property
    def stale(self) -> bool:
        return self.review_by is not None and self.review_by < timezone.localdate()


def in_turn(lists: Sequence[Sequence[Passage]]) -> list[Passage]:
    """The first of each question, then the second of each …; a passage found twice keeps its better score."""
    merged: dict[int, Passage] = {}
    for depth in range(max((len(each) for each in lists), default=0)):
        for candidates in lists:
            if depth < len(candidates):
                one = candidates[depth]
                known = merged.get(one.chunk_id)
                merged[one.chunk_id] = one if known is None or one.score > known.score else known
    return list(merged.values())


def cut(candidates: list[Passage], min_score: float, limit: int) -> list[Passage]:
    """Each candidate with the reason why it is not shown, if there is one. Pure."""
    good = any(each.score >= min_score for each in candidates)
    # What reaches the minimum score comes before what only adds to it.
    ordered = sorted(candidates, key=lambda each: each.score < min_score)
    seen: Counter[int] = Counter()
    shown: list[Passage] = []
    judged = []
    for each in ordered:
        reason = _reason(each, min_score, good, seen, shown, limit)
        judged.append(replace(each, cut=reason))
        if not reason:
            shown.append(each)
            seen[each.article_id] += 1
    return judged


def _reason(
    each: Passage, min_score: float, good: bool, seen: Mapping[int, int], shown: Sequence[Passage], limit: int
) -> str:
    if not good or each.score < min_score - SLACK:
        return f"scores {each.score:.2f}, the minimum score is {min_score:.2f}"
    if seen[each.article_id] >= PER_ARTICLE:
        return f"{PER_ARTICLE} passages of this article are shown"
    twin = next((other for other in shown if same_text(other.text, each.text)), None)
    if twin is not None:
        return f"says the same as “{twin.title}”"
    return "" if len(shown) < limit else f"only {limit} are shown"


def same_text(one: str, other: str) -> bool:
    """Jaccard of the words: a copied passage with a changed name or date is still the same passage."""
    words, others = (set(re.findall(r"\w+", text.lower())) for text in (one, other))
    union = len(words | others)
    return bool(union) and len(words & others) / union >= SAME_TEXT
