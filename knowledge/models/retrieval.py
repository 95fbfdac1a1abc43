"""How questions are searched: one row per change. Which row is in use: knowledge/search/configuration.py."""

from django.db import models
from django.db.models import Q

from config.versioned import VersionedSetting


class RetrievalConfiguration(VersionedSetting):
    """What a lead or author may tune, and the models it was tuned with: scores mean nothing with others."""

    embedder = models.CharField(max_length=200, help_text="the model whose cosines the minimum score is compared with")
    reranker = models.CharField(max_length=200, blank=True, help_text="empty where none was configured")
    rerank = models.BooleanField("rerank the best candidates", default=True)
    min_score = models.FloatField("minimum score", help_text="cosine: below it the answer is “nothing relevant”")
    language_boost = models.FloatField(help_text="an article in the customer's language counts this much more")
    category_boost = models.FloatField(help_text="an article of the ticket's category counts this much more")

    class Meta(VersionedSetting.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(min_score__gte=0, min_score__lte=1), name="retrieval_min_score_0_to_1"),
            models.CheckConstraint(
                condition=Q(language_boost__gte=1, language_boost__lte=3, category_boost__gte=1, category_boost__lte=3),
                name="retrieval_boosts_1_to_3",
            ),
        ]
