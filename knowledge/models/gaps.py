"""Gaps (questions that no article answers), and the topics that group them."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from knowledge.models.articles import Article


class GapTopic(models.Model):
    """Gaps that ask for the same article. Clustering creates and updates it; members may rename or close it."""

    class Outcome(models.TextChoices):
        OPEN = "open", pgettext_lazy("state", "Open")
        ANSWERED = "answered", _("Answered by an article")
        DISMISSED = "dismissed", _("Not worth an article")

    name = models.CharField(max_length=120)
    renamed = models.BooleanField(default=False, help_text="a member chose the name, so clustering keeps it")
    keywords = models.CharField(
        max_length=200, blank=True, help_text="the words that are typical for it, separated by commas"
    )
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    answered_by = models.ForeignKey(
        Article, null=True, blank=True, on_delete=models.SET_NULL, related_name="answered_topics"
    )
    # The article written for it. It answers the topic once a search for its questions finds it.
    draft = models.ForeignKey(Article, null=True, blank=True, on_delete=models.SET_NULL, related_name="gap_topics")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class Gap(models.Model):
    """A question that the knowledge base did not answer, with personal data masked."""

    query = models.TextField(_("question"))
    category = models.CharField(_("category"), max_length=40, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    best_score = models.FloatField(
        _("best score"), null=True, blank=True, help_text=_("Of the best hit, which was below the minimum score")
    )
    # E.g. "ticket:123 message:456" or "help:789": a text, because knowledge does not know tickets.
    asked_in = models.CharField(_("asked in"), max_length=60, unique=True)
    # The customer's, when the question was asked. Copied, because knowledge does not know customers.
    tier = models.CharField(_("tier"), max_length=20, blank=True)
    value = models.DecimalField(
        _("customer value"),
        max_digits=12,
        decimal_places=2,
        default=0,
        help_text=_("The customer’s lifetime value in the currency of the desk"),
    )
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        Article,
        verbose_name=_("answered by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="answered_gaps",
    )
    topic = models.ForeignKey(
        GapTopic, verbose_name=_("topic"), null=True, blank=True, on_delete=models.SET_NULL, related_name="gaps"
    )
    # The vector of the masked question (float32 bytes) and the embedder it comes from. Only clustering writes them.
    vector = models.BinaryField(_("vector"), null=True, editable=False)
    vector_model = models.CharField(_("embedder"), max_length=80, blank=True, editable=False)

    class Meta:
        verbose_name = _("gap")
        verbose_name_plural = _("gaps")
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["topic", "-asked_at"], name="gap_topic")]

    def __str__(self) -> str:
        return self.query[:80]
