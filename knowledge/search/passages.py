"""The passages found for a question, and which of them are shown. Reads no database."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.template.defaultfilters import floatformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from knowledge.models import Article, Chunk
from knowledge.text.rendering import anchor

PER_ARTICLE = 2
# Once one passage reaches the minimum score, others may be this much below it: they often add what the first lacks.
SLACK = 0.1
SAME_TEXT = 0.85  # Jaccard similarity of the words from which two passages say the same


@dataclass(frozen=True)
class Passage:
    """A chunk of an article's published revision, with what the search found out about it."""

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
    words: tuple[str, ...] = ()  # the longest words of the question that it contains
    similarity: float | None = None  # cosine
    fused_rank: int | None = None  # by meaning and words together, before the reranker
    rerank_rank: int | None = None
    logit: float | None = None
    fused: float = 0.0
    left_out: str = ""  # why it is not shown, in the page's language; empty if it is shown

    @classmethod
    def of(cls, chunk: Chunk, **figures: Any) -> "Passage":
        """From the chunk as it is in SQL now, and the figures of the search."""
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
    def why(self) -> str:
        """What the question and the passage have in common, in the page's language."""
        reasons = []
        if self.similarity is not None:
            reasons.append(_("meaning %(score)s") % {"score": floatformat(self.similarity, 2)})
        if self.words:
            reasons.append(_("words: %(words)s") % {"words": ", ".join(self.words)})
        return " · ".join(reasons)

    @property
    def overdue(self) -> bool:
        return self.review_by is not None and self.review_by < timezone.localdate()


def longest(shared: Sequence[str]) -> tuple[str, ...]:
    """The longest four words, in the order of the question: long words say most."""
    most = sorted(shared, key=len, reverse=True)[:4]
    return tuple(word for word in shared if word in most)


def interleaved(lists: Sequence[Sequence[Passage]]) -> list[Passage]:
    """The first of each list, then the second of each, and so on. A passage found twice keeps its better score."""
    merged: dict[int, Passage] = {}
    for depth in range(max((len(each) for each in lists), default=0)):
        for candidates in lists:
            if depth < len(candidates):
                one = candidates[depth]
                known = merged.get(one.chunk_id)
                merged[one.chunk_id] = one if known is None or one.score > known.score else known
    return list(merged.values())


def select(candidates: list[Passage], min_score: float, limit: int) -> list[Passage]:
    """All candidates in final order. `left_out` says why one is not shown; at most `limit` are."""
    good = any(each.score >= min_score for each in candidates)
    # Passages that reach the minimum score come before those within SLACK.
    ordered = sorted(candidates, key=lambda each: each.score < min_score)
    seen: Counter[int] = Counter()
    shown: list[Passage] = []
    selected = []
    for each in ordered:
        reason = _reason(each, min_score, good, seen, shown, limit)
        selected.append(replace(each, left_out=reason))
        if not reason:
            shown.append(each)
            seen[each.article_id] += 1
    return selected


def _reason(
    each: Passage, min_score: float, good: bool, seen: Mapping[int, int], shown: Sequence[Passage], limit: int
) -> str:
    if not good or each.score < min_score - SLACK:
        scores = {"score": floatformat(each.score, 2), "minimum": floatformat(min_score, 2)}
        return _("score %(score)s, minimum score %(minimum)s") % scores
    if seen[each.article_id] >= PER_ARTICLE:
        text = ngettext(
            "%(count)d passage of this article is already shown",
            "%(count)d passages of this article are already shown",
            PER_ARTICLE,
        )
        return text % {"count": PER_ARTICLE}
    twin = next((other for other in shown if same_text(other.text, each.text)), None)
    if twin is not None:
        return _("says the same as “%(title)s”") % {"title": twin.title}
    if len(shown) < limit:
        return ""
    return ngettext("only %(count)d passage is shown", "only %(count)d passages are shown", limit) % {"count": limit}


def same_text(one: str, other: str) -> bool:
    """Jaccard similarity of the words. A copy with another name or date is still the same text."""
    words, others = (set(re.findall(r"\w+", text.lower())) for text in (one, other))
    union = len(words | others)
    return bool(union) and len(words & others) / union >= SAME_TEXT
