"""Every call of a language model."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from copilot.models.drafts import Draft
from copilot.models.gap_articles import GapArticleRun


class ModelCall(models.Model):
    """One call of a language model, for whatever purpose: enough to explain and to repeat it. calls.py writes it.

    It goes with what it was made for: personal data is masked, but a ticket that is erased leaves nothing behind.
    """

    class Purpose(models.TextChoices):
        DRAFT = "draft", _("Draft")
        CHECK = "check", _("Answerability check")
        GAP_ARTICLE = "gap_article", _("Article from agents’ replies")

    purpose = models.CharField(max_length=20, choices=Purpose)
    draft = models.ForeignKey(Draft, null=True, on_delete=models.CASCADE, related_name="calls")
    article_run = models.ForeignKey(GapArticleRun, null=True, on_delete=models.CASCADE, related_name="calls")
    prompt_version = models.CharField(max_length=40, help_text="name@hash of all its texts")
    messages = models.JSONField(help_text="as sent, personal data masked")
    settings = models.JSONField(default=dict, help_text="temperature, seed, longest answer and the like, as sent")
    model = models.CharField(max_length=120, help_text="as the server named it; as it was asked for if none answered")
    model_sha256 = models.CharField(max_length=64, blank=True, help_text="empty: a foreign server that does not tell")
    output = models.TextField(blank=True, help_text="as received")
    probability = models.FloatField(null=True, help_text="of yes, where the question was one of yes or no")
    logprobs = models.JSONField(default=list, help_text="what the probability was read from: [token, ln p] pairs")
    prompt_tokens = models.PositiveIntegerField(null=True)
    cached_tokens = models.PositiveIntegerField(null=True)
    completion_tokens = models.PositiveIntegerField(null=True)
    first_token_ms = models.PositiveIntegerField(null=True, help_text="since the model was asked")
    total_ms = models.PositiveIntegerField(null=True)
    finish_reason = models.CharField(
        max_length=20, blank=True, help_text="the server's; long_enough, stopped: we ended it; empty: it failed"
    )
    error = models.CharField(max_length=20, blank=True, help_text="code of the ModelError that ended it")
    created_at = models.DateTimeField(default=timezone.now, help_text="when the model was asked")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["purpose", "-created_at"], name="model_call_purpose")]
        constraints = [
            models.CheckConstraint(
                condition=Q(probability__isnull=True) | Q(probability__gte=0, probability__lte=1),
                name="model_call_probability_0_to_1",
            )
        ]

    def __str__(self) -> str:
        return f"{self.purpose} by {self.model}"
