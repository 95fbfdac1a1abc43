"""Duplicates and contradictions in the knowledge base."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from knowledge.models.articles import Article, Chunk


class Finding(models.Model):
    """Two passages that say the same (duplicate) or contradict each other, for a member to judge.

    `key` is a hash of kind and both texts: a pair that was judged comes up again only after a text has changed.
    The next run deletes findings whose passages are gone.
    """

    class Kind(models.TextChoices):
        DUPLICATE = "duplicate", _("Duplicate")
        CONTRADICTION = "contradiction", _("Contradiction")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("state", "Open")
        DISMISSED = "dismissed", _("Both are right")

    kind = models.CharField(max_length=14, choices=Kind)
    key = models.CharField(max_length=64, unique=True)
    first = models.ForeignKey(Chunk, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Chunk, on_delete=models.CASCADE, related_name="+")
    first_article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    second_article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField(help_text=_("How certain the finding is, from 0 to 1"))
    # For contradictions: the two sentences, and where they differ.
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
