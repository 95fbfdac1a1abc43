"""The settings of search, one row per change. knowledge/search/configuration.py says which row is in use."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.versioned import VersionedSetting


class RetrievalConfiguration(VersionedSetting):
    """What leads and authors can tune, with the models it was tuned for: other models have other scores."""

    embedder = models.CharField(
        max_length=200, help_text="the model whose similarities are compared with the minimum score"
    )
    reranker = models.CharField(max_length=200, blank=True, help_text="empty if none was configured")
    rerank = models.BooleanField(_("rerank the best candidates"), default=True)
    min_score = models.FloatField(
        _("minimum score"), help_text=_("Cosine similarity. If all passages are below it, nothing relevant was found.")
    )
    language_boost = models.FloatField(help_text=_("Factor for articles in the customer’s language"))
    category_boost = models.FloatField(help_text=_("Factor for articles of the ticket’s category"))

    class Meta(VersionedSetting.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(min_score__gte=0, min_score__lte=1), name="retrieval_min_score_0_to_1"),
            models.CheckConstraint(
                condition=Q(language_boost__gte=1, language_boost__lte=3, category_boost__gte=1, category_boost__lte=3),
                name="retrieval_boosts_1_to_3",
            ),
        ]
