"""What members decide about topics. Each function returns whether it was possible; `regroup` respects all decisions."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone

from knowledge.gaps import closing
from knowledge.gaps.naming import headline, keywords
from knowledge.models import Article, Gap, GapTopic

Outcome = GapTopic.Outcome


def rename(topic: GapTopic, name: str) -> bool:
    """False if the name is empty."""
    plain = " ".join(name.split())[:120]
    if not plain:
        return False
    return bool(GapTopic.objects.filter(pk=topic.pk).update(name=plain, renamed=True))


def dismiss(topic: GapTopic, by: Any) -> bool:
    """Not worth an article. Its questions stay, and new ones of this kind are added to it."""
    return bool(
        GapTopic.objects.filter(pk=topic.pk)
        .exclude(outcome=Outcome.DISMISSED)
        .update(outcome=Outcome.DISMISSED, closed_at=timezone.now(), closed_by=by)
    )


def reopen(topic: GapTopic) -> bool:
    """Undo `dismiss`. The topic becomes open or answered, as its questions are."""
    done = GapTopic.objects.filter(pk=topic.pk, outcome=Outcome.DISMISSED).update(
        outcome=Outcome.OPEN, closed_at=None, closed_by=None
    )
    closing.update_outcomes()
    return bool(done)


def merge(topic: GapTopic, into: GapTopic) -> list[int] | None:
    """Move all questions of one topic to the other, which keeps its name.

    Returns the ids of the questions, with which `split` can undo it; None if there is nothing to merge.
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
    closing.update_outcomes()
    return moved


def split(topic: GapTopic, gap_ids: Collection[int], name: str = "") -> GapTopic | None:
    """Move some questions to a new topic. Grouping keeps the two topics separate.

    None if that would leave one of the two without questions.
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
        # A generated name may be a question that was moved.
        topic.name = topic.name if topic.renamed else headline(left[0])
        GapTopic.objects.filter(pk=topic.pk).update(name=topic.name, keywords=left_words, renamed=True)
    closing.update_outcomes()
    return own


def attach_draft(topic: GapTopic, article: Article) -> bool:
    """The article that was drafted for the topic. It answers the topic once the questions find it."""
    return bool(GapTopic.objects.filter(pk=topic.pk).update(draft=article))
