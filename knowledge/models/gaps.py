"""Questions without an answer, and the topics they make together."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from knowledge.models.articles import Article


class GapTopic(models.Model):
    """Gaps that ask for the same article. Made and kept by clustering; a person may rename or close it."""

    class Outcome(models.TextChoices):
        OPEN = "open", "Open"
        ANSWERED = "answered", "Answered by an article"
        DISMISSED = "dismissed", "Not worth an article"

    name = models.CharField(max_length=120)
    renamed = models.BooleanField(default=False, help_text="a person chose the name; clustering keeps it")
    keywords = models.CharField(max_length=200, blank=True, help_text="the words that set it apart, comma separated")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    answered_by = models.ForeignKey(
        Article, null=True, blank=True, on_delete=models.SET_NULL, related_name="answered_topics"
    )
    # The article that was prepared from it; it answers the topic only once its questions find it.
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

    query = models.TextField()
    category = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=8, blank=True)
    best_score = models.FloatField(null=True, blank=True, help_text="of the best hit, which was not enough")
    # Where it was asked, e.g. "ticket:123 message:456" or "help:789": knowledge knows no tickets, but can be
    # asked about one.
    asked_in = models.CharField(max_length=60, unique=True)
    # As the customer record had them when it was asked; knowledge knows no customers either.
    tier = models.CharField(max_length=20, blank=True)
    value = models.DecimalField(
        max_digits=12, decimal_places=2, default=0, help_text="the customer's lifetime value, in the desk's currency"
    )
    asked_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        Article, null=True, blank=True, on_delete=models.SET_NULL, related_name="answered_gaps"
    )
    topic = models.ForeignKey(GapTopic, null=True, blank=True, on_delete=models.SET_NULL, related_name="gaps")
    # float32 bytes of the masked query and the embedder that made them; clustering is the only writer.
    vector = models.BinaryField(null=True, editable=False)
    vector_model = models.CharField(max_length=80, blank=True, editable=False)

    class Meta:
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["topic", "-asked_at"], name="gap_topic")]

    def __str__(self) -> str:
        return self.query[:80]
