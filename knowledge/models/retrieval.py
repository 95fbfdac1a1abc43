"""How questions are searched: one row per change, the newest is in use."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class RetrievalConfiguration(models.Model):
    """What a lead or author may tune. Rows are never changed, so that any two can be compared."""

    rerank = models.BooleanField("rerank with the cross-encoder", default=True)
    min_answerable = models.FloatField(
        "least answerability", help_text="0 to 1: below it the answer is “nothing relevant”"
    )
    language_boost = models.FloatField(help_text="an article in the customer's language counts this much more")
    category_boost = models.FloatField(help_text="an article of the ticket's category counts this much more")
    note = models.CharField("what changed, and why", max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(min_answerable__gte=0, min_answerable__lte=1), name="retrieval_min_answerable_0_to_1"
            ),
            models.CheckConstraint(
                condition=Q(language_boost__gte=1, language_boost__lte=3, category_boost__gte=1, category_boost__lte=3),
                name="retrieval_boosts_1_to_3",
            ),
        ]
