"""Closes gaps: searches open questions again when an article was published, and updates the state of their topics.

A question is answered if a search now finds a public article that was published after the question was asked. Older
articles do not count: they were there and did not answer it.
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

RECHECK_LIMIT = 150  # questions searched in one run; the next run goes on
ANSWERED_SHARE = 0.8
# Two runs of the grouping job, so that an article published during one is not missed.
RECENTLY = timedelta(minutes=20)

Outcome = GapTopic.Outcome


class Asked(NamedTuple):
    """One question of a topic, and the id of the article that answers it."""

    article: int | None
    closed: bool
    asked_at: datetime


def recheck(gaps: Iterable[Gap]) -> int:
    """Search for them again and close those that find an answer. Returns how many were closed."""
    closed = 0
    for gap in gaps:
        article_id = answer_to(gap)
        if article_id is not None:
            closed += Gap.objects.filter(pk=gap.pk, closed_at=None).update(
                closed_at=timezone.now(), answered_by_id=article_id
            )
    update_outcomes()
    return closed


def answer_to(gap: Gap) -> int | None:
    """The id of the first hit that was published after the question was asked."""
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
    """After articles were indexed: first the questions of the topics that they were written for, then the newest."""
    mine = Q(topic__draft__in=article_ids) | Q(topic__answered_by__in=article_ids)
    still_open = Gap.objects.filter(closed_at=None).exclude(topic__outcome=Outcome.DISMISSED)
    first = list(still_open.filter(mine)[:RECHECK_LIMIT])
    rest = list(still_open.exclude(pk__in=[gap.pk for gap in first])[: RECHECK_LIMIT - len(first)])
    return recheck([*first, *rest])


def recheck_recently_published(now: datetime) -> int:
    """Catches up after a lost job, if an article was published within RECENTLY."""
    if not Article.objects.published().filter(published_at__gt=now - RECENTLY).exists():
        update_outcomes()
        return 0
    still_open = Gap.objects.filter(closed_at=None).exclude(topic__outcome=Outcome.DISMISSED)
    return recheck(list(still_open[:RECHECK_LIMIT]))


def update_outcomes() -> int:
    """Mark topics as answered, or as open again. Returns how many changed."""
    asked: dict[int, list[Asked]] = defaultdict(list)
    rows = Gap.objects.filter(topic__isnull=False).exclude(topic__outcome=Outcome.DISMISSED)
    for topic_id, article, closed_at, asked_at in rows.values_list(
        "topic_id", "answered_by_id", "closed_at", "asked_at"
    ):
        asked[topic_id].append(Asked(article, closed_at is not None, asked_at))
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
    asks: Sequence[Asked], published: Mapping[int, datetime], draft_id: int | None = None
) -> tuple[str, int | None]:
    """Answered, with the id of the article, or open. Pure.

    A topic is answered if at least ANSWERED_SHARE of its questions are, and all open ones were asked before the
    article was published. A newer open question shows that the article does not answer everything.
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
