"""Articles written from agents' replies."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from copilot.leases import Leased
from knowledge.models import Article, GapTopic


class GapArticleRun(Leased):
    """An article being written from agents' replies to a topic of gaps; gap_articles/run.py is the only writer.

    queued -> writing -> ready | failed | stopped. The article it ends with is a draft like any other.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting for the model")
        WRITING = "writing", _("Being written")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        STOPPED = "stopped", _("Stopped")

    ACTIVE = (State.QUEUED, State.WRITING)

    topic = models.ForeignKey(GapTopic, on_delete=models.CASCADE, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    text = models.TextField(blank=True, help_text="as received so far, personal data masked")
    error = models.CharField(max_length=300, blank=True)
    article = models.ForeignKey(Article, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["topic"], condition=Q(state__in=["queued", "writing"]), name="gap_article_one_active"
            )
        ]
