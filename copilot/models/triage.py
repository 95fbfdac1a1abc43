"""Classifiers, and what was said of each customer message by one of them, and by agents who know better."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tickets.models import Category, Message


class TriageModel(models.Model):
    """A trained classifier with what was measured of it. Written by triage/versions.py only.

    The latest of those with `activated_at` is in use, so going back is activating an older one again.
    """

    file = models.BinaryField(help_text="see triage/classifier.py")
    sha256 = models.CharField(max_length=64)
    embedder = models.CharField(max_length=80)
    report = models.JSONField(default=dict, help_text="as printed by train_triage")
    trained_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    activated_at = models.DateTimeField(null=True, blank=True, db_index=True)

    def __str__(self) -> str:
        return f"classifier {self.pk}"


class Triage(models.Model):
    """What a customer message is about and how much it matters.

    `category` to `escalate` are what counts, `said` what the classifier said: they differ where an agent corrected it.
    Written by triage/recording.py and, by agents, by triage/correcting.py.
    """

    class Sentiment(models.TextChoices):
        POSITIVE = "positive", pgettext_lazy("sentiment", "Positive")
        NEUTRAL = "neutral", pgettext_lazy("sentiment", "Neutral")
        NEGATIVE = "negative", pgettext_lazy("sentiment", "Negative")
        URGENT = "urgent", pgettext_lazy("sentiment", "Urgent")

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="triage")
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confidence = models.FloatField(null=True, blank=True, help_text="in the category; 0 to 1")
    sentiment = models.CharField(max_length=8, choices=Sentiment, blank=True)
    urgency = models.PositiveSmallIntegerField(null=True, blank=True, help_text=_("1 to 5"))
    escalate = models.BooleanField(default=False, help_text="a person should take over")
    because = models.JSONField(default=dict, help_text="words of the masked message by what they show")
    signals = models.JSONField(default=list, help_text="[kind, words of the masked message]")
    dismissed = models.JSONField(default=dict, help_text="kind of a signal that is none -> id of the agent who says so")
    said = models.JSONField(default=dict, help_text="category, sentiment, urgency and escalate by the classifier")
    model = models.ForeignKey(TriageModel, null=True, blank=True, on_delete=models.PROTECT, related_name="triages")
    made_at = models.DateTimeField(default=timezone.now)
    corrected = models.JSONField(default=list, help_text="what agents decided of category, sentiment and urgency")
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    corrected_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(urgency=None) | models.Q(urgency__gte=1, urgency__lte=5),
                name="triage_urgency_1_to_5",
            )
        ]

    def __str__(self) -> str:
        return f"triage of message {self.message_id}"
