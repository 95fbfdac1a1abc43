"""Is a gap still one? Open questions are asked again when something was published, and topics follow.

A question counts as answered by a public article that is found for it with the product's own search and was published
after the question was asked: what was found then did not answer it.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone

from knowledge.models import Article, Gap, GapTopic
from knowledge.search.retrieval import search

logger = logging.getLogger(__name__)

MOST = 150  # questions asked again in one run; the next run goes on
ANSWERED_SHARE = 0.8
# The grouping job looks again when something was published since its last run but one.
LATELY = timedelta(minutes=20)

Outcome = GapTopic.Outcome


class Ask(NamedTuple):
    """One question of a topic: the article that answers it, if any, and when it was asked."""

    article: int | None
    closed: bool
    asked_at: datetime


def recheck(gaps: Iterable[Gap]) -> int:
    """Ask them again; close those that find an answer. Returns how many were closed."""
    closed = 0
    for gap in gaps:
        article_id = answer_to(gap)
        if article_id is not None:
            closed += Gap.objects.filter(pk=gap.pk, closed_at=None).update(
                closed_at=timezone.now(), answered_by_id=article_id
            )
    settle()
    return closed


def answer_to(gap: Gap) -> int | None:
    """The first good hit that was published after the question was asked."""
    found = search(
        gap.query, limit=3, language=gap.language, category=gap.category, audience=(Article.Audience.PUBLIC,)
    )
    newer = set(
        Article.objects.filter(
            pk__in=[hit.article_id for hit in found.passages], published_at__gt=gap.asked_at
        ).values_list("id", flat=True)
    )
    return next((hit.article_id for hit in found.passages if hit.article_id in newer), None)


def recheck_for(article_ids: Collection[int]) -> int:
    """After articles were indexed: their own topics' questions first, then the newest of all others."""
    mine = Q(topic__draft__in=article_ids) | Q(topic__answered_by__in=article_ids)
    still_open = Gap.objects.filter(closed_at=None).exclude(topic__outcome=Outcome.DISMISSED)
    first = list(still_open.filter(mine)[:MOST])
    rest = list(still_open.exclude(pk__in=[gap.pk for gap in first])[: MOST - len(first)])
    return recheck([*first, *rest])


def recheck_lately_published(now: datetime) -> int:
    """What a lost job left: only when an article was published within LATELY."""
    if not Article.objects.published().filter(published_at__gt=now - LATELY).exists():
        settle()
        return 0
    still_open = Gap.objects.filter(closed_at=None).exclude(topic__outcome=Outcome.DISMISSED)
    return recheck(list(still_open[:MOST]))


def settle() -> int:
    """Topics become answered, or open again, by what their questions find now. Returns how many changed."""
    asked: dict[int, list[Ask]] = defaultdict(list)
    rows = Gap.objects.filter(topic__isnull=False).exclude(topic__outcome=Outcome.DISMISSED)
    for topic_id, article, closed_at, asked_at in rows.values_list(
        "topic_id", "answered_by_id", "closed_at", "asked_at"
    ):
        asked[topic_id].append(Ask(article, closed_at is not None, asked_at))
    articles = {ask.article for asks in asked.values() for ask in asks if ask.article}
    published = {
        pk: at
        for pk, at in Article.objects.published().filter(pk__in=articles).values_list("id", "published_at")
        if at is not None
    }
    changed = 0
    for topic in GapTopic.objects.filter(pk__in=asked).exclude(outcome=Outcome.DISMISSED):
        outcome, answering = decide(asked[topic.pk], published, topic.draft_id)
        if (outcome, answering) != (topic.outcome, topic.answered_by_id):
            changed += GapTopic.objects.filter(pk=topic.pk, outcome=topic.outcome).update(
                outcome=outcome,
                answered_by_id=answering,
                closed_at=timezone.now() if outcome == Outcome.ANSWERED else None,
                closed_by=None,
            )
    return changed


def decide(
    asks: Sequence[Ask], published: Mapping[int, datetime], draft_id: int | None = None
) -> tuple[str, int | None]:
    """Answered, and by which published article, or open.

    Answered: at least ANSWERED_SHARE of the questions are, and none without an answer was asked after the article
    was published, for then it does not answer everything.
    """
    by_article = Counter(ask.article for ask in asks if ask.article in published)
    done = sum(ask.closed for ask in asks)
    if not by_article or done < ANSWERED_SHARE * len(asks):
        return Outcome.OPEN, None
    most = max(by_article.values())
    best = draft_id if draft_id and by_article.get(draft_id) == most else by_article.most_common(1)[0][0]
    assert best is not None
    if any(not ask.closed and ask.asked_at > published[best] for ask in asks):
        return Outcome.OPEN, None
    return Outcome.ANSWERED, best
