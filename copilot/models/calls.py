"""Every model call."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from copilot.models.drafts import Draft
from copilot.models.gap_articles import GapArticleRun
from copilot.models.revised_texts import RevisedText
from copilot.models.summaries import ThreadSummary


class ModelCall(models.Model):
    """One request to a language model, with all that is needed to explain and repeat it. calls.py writes it.

    Deleted with what it was made for: its personal data is masked, but an erased ticket must leave nothing behind.
    """

    class Purpose(models.TextChoices):
        DRAFT = "draft", _("Draft")
        CHECK = "check", _("Answerability check")
        TRANSLATE = "translate", _("Question translated for the search")
        POINT = "point", _("Which sources answer")
        VERIFY = "verify", _("Check of a sentence")
        GAP_ARTICLE = "gap_article", _("Article from agents’ replies")
        REVISE = "revise", _("Text revised in the composer")
        SUMMARY = "summary", _("Summary of a ticket")

    purpose = models.CharField(max_length=20, choices=Purpose)
    draft = models.ForeignKey(Draft, null=True, on_delete=models.CASCADE, related_name="calls")
    article_run = models.ForeignKey(GapArticleRun, null=True, on_delete=models.CASCADE, related_name="calls")
    revised = models.ForeignKey(RevisedText, null=True, on_delete=models.CASCADE, related_name="calls")
    summary = models.ForeignKey(ThreadSummary, null=True, on_delete=models.CASCADE, related_name="calls")
    prompt_version = models.CharField(max_length=40, help_text="name@hash of all its texts")
    messages = models.JSONField(help_text="as sent, personal data masked")
    settings = models.JSONField(default=dict, help_text="temperature, seed, maximum length and so on, as sent")
    model = models.CharField(max_length=120, help_text="as the server named it, or as requested if it did not answer")
    model_sha256 = models.CharField(max_length=64, blank=True, help_text="empty if another server does not give it")
    output = models.TextField(blank=True, help_text="as received")
    probability = models.FloatField(null=True, help_text="of yes, for yes-or-no questions")
    logprobs = models.JSONField(default=list, help_text="what the probability was read from: [token, ln p] pairs")
    prompt_tokens = models.PositiveIntegerField(null=True)
    cached_tokens = models.PositiveIntegerField(null=True)
    completion_tokens = models.PositiveIntegerField(null=True)
    first_token_ms = models.PositiveIntegerField(null=True, help_text="after the request")
    total_ms = models.PositiveIntegerField(null=True)
    finish_reason = models.CharField(
        max_length=20, blank=True, help_text="the server's; long_enough, stopped: we ended it; empty: it failed"
    )
    error = models.CharField(max_length=20, blank=True, help_text="code of the ModelError that ended it")
    created_at = models.DateTimeField(default=timezone.now, help_text="when the request was sent")

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
