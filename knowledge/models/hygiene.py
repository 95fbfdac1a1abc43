"""What does not fit together in the knowledge base."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from knowledge.models.articles import Article, Chunk


class Finding(models.Model):
    """Two passages that say the same (duplicate) or contradict each other; a person judges.

    `key` is a hash of kind and both texts, so that a pair judged once is not brought up again until a text
    changes. Findings whose passages are gone are deleted by the next run.
    """

    class Kind(models.TextChoices):
        DUPLICATE = "duplicate", "Duplicate"
        CONTRADICTION = "contradiction", "Contradiction"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DISMISSED = "dismissed", "Both are right"

    kind = models.CharField(max_length=14, choices=Kind)
    key = models.CharField(max_length=64, unique=True)
    first = models.ForeignKey(Chunk, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Chunk, on_delete=models.CASCADE, related_name="+")
    first_article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    second_article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField(help_text="0 to 1: how sure the finder is")
    # For contradictions: the two sentences and the spans in them that differ.
    detail = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-score", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="finding_score_0_to_1"),
        ]
