"""What people decide about topics. Each verb says whether it was still possible; `regroup` keeps to all of them."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone

from knowledge.gaps import closing
from knowledge.gaps.naming import headline, keywords
from knowledge.models import Article, Gap, GapTopic

Outcome = GapTopic.Outcome


def rename(topic: GapTopic, name: str) -> bool:
    """False when nothing is left of the name."""
    plain = " ".join(name.split())[:120]
    if not plain:
        return False
    return bool(GapTopic.objects.filter(pk=topic.pk).update(name=plain, renamed=True))


def dismiss(topic: GapTopic, by: Any) -> bool:
    """Not worth an article. Its questions stay, and new ones that ask the same join it silently."""
    return bool(
        GapTopic.objects.filter(pk=topic.pk)
        .exclude(outcome=Outcome.DISMISSED)
        .update(outcome=Outcome.DISMISSED, closed_at=timezone.now(), closed_by=by)
    )


def reopen(topic: GapTopic) -> bool:
    """Take the dismissal back; answered or open, as its questions tell."""
    done = GapTopic.objects.filter(pk=topic.pk, outcome=Outcome.DISMISSED).update(
        outcome=Outcome.OPEN, closed_at=None, closed_by=None
    )
    closing.settle()
    return bool(done)


def merge(topic: GapTopic, into: GapTopic) -> list[int] | None:
    """All questions of one topic become the other's, whose name stays from then on.

    Returns the ids of these questions, with which `split` takes it back; None if there is nothing to merge.
    """
    if topic.pk == into.pk:
        return None
    with transaction.atomic():
        locked = list(GapTopic.objects.select_for_update().filter(pk__in=[topic.pk, into.pk]))
        if len(locked) < 2:
            return None
        moved = list(topic.gaps.values_list("id", flat=True))
        Gap.objects.filter(topic=topic).update(topic=into)
        values: dict[str, Any] = {"renamed": True}
        if into.draft_id is None and topic.draft_id:
            values["draft_id"] = topic.draft_id
        GapTopic.objects.filter(pk=into.pk).update(**values)
        GapTopic.objects.filter(pk=topic.pk).delete()
    closing.settle()
    return moved


def split(topic: GapTopic, gap_ids: Collection[int], name: str = "") -> GapTopic | None:
    """Some questions become a topic of their own. Grouping keeps the two apart from then on.

    None unless some of the topic's questions are among them, and some are not.
    """
    with transaction.atomic():
        asked = list(Gap.objects.select_for_update().filter(topic=topic))
        chosen = [gap for gap in asked if gap.pk in set(gap_ids)]
        if not 0 < len(chosen) < len(asked):
            return None
        left = [gap.query for gap in asked if gap not in chosen]
        away = [gap.query for gap in chosen]
        left_words, away_words = keywords([left, away])
        chosen_name = " ".join(name.split())[:120] or headline(away[0])
        own = GapTopic.objects.create(name=chosen_name, keywords=away_words, renamed=True)
        Gap.objects.filter(pk__in=[gap.pk for gap in chosen]).update(topic=own)
        # A name that nobody chose may be the question that has just left.
        topic.name = topic.name if topic.renamed else headline(left[0])
        GapTopic.objects.filter(pk=topic.pk).update(name=topic.name, keywords=left_words, renamed=True)
    closing.settle()
    return own


def attach_draft(topic: GapTopic, article: Article) -> bool:
    """The article that was prepared for the topic; it answers the topic only once its questions find it."""
    return bool(GapTopic.objects.filter(pk=topic.pk).update(draft=article))
