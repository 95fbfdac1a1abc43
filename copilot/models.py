"""What the model wrote, from what, and what people made of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from copilot.leases import Leased
from knowledge.models import Article, Chunk, GapTopic, Revision
from tickets.models import Message, Ticket


class DraftQuerySet(models.QuerySet["Draft"]):
    def active(self) -> "DraftQuerySet":
        return self.filter(state__in=Draft.ACTIVE)


class Draft(Leased):
    """One reply proposed for one customer message.

    The writing (`state`) and the person's judgement (`review`) are separate lives:
    queued -> writing -> ready | no_source | stopped | failed;  pending -> accepted | edited | rejected | ignored.
    `text` holds placeholders (<NAME_1>), never the masked values themselves.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        WRITING = "writing", "Being written"
        READY = "ready", "Ready"
        NO_SOURCE = "no_source", "No source"
        STOPPED = "stopped", "Stopped"
        FAILED = "failed", "Failed"

    ACTIVE = (State.QUEUED, State.WRITING)

    class Review(models.TextChoices):
        PENDING = "pending", "Not yet"
        ACCEPTED = "accepted", "Accepted unedited"
        EDITED = "edited", "Edited"
        REJECTED = "rejected", "Rejected"
        IGNORED = "ignored", "Ignored"

    class Reason(models.TextChoices):
        WRONG = "wrong", "Wrong facts"
        OFF_TOPIC = "off_topic", "Not what was asked"
        INCOMPLETE = "incomplete", "Incomplete"
        TONE = "tone", "Wrong tone"
        OUTDATED_SOURCE = "outdated_source", "Outdated source"

    class Origin(models.TextChoices):
        ARRIVAL = "arrival", "Written on arrival"
        REQUEST = "request", "Asked for by an agent"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="drafts")
    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, related_name="drafts", help_text="the message it answers"
    )
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.ARRIVAL)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    text = models.TextField(blank=True)
    error = models.CharField(max_length=300, blank=True)
    retryable = models.BooleanField(default=False, help_text="failed for a reason that passes, e.g. no model")
    failures = models.PositiveSmallIntegerField(default=0, help_text="how often writing it failed")
    retry_at = models.DateTimeField(null=True, blank=True, help_text="not to be tried again before")
    outdated = models.BooleanField(default=False, help_text="the customer has written again since")
    created_at = models.DateTimeField(default=timezone.now)

    review = models.CharField(max_length=10, choices=Review, default=Review.PENDING)
    reason = models.CharField(max_length=16, choices=Reason, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    shown_at = models.DateTimeField(null=True, blank=True)
    first_key_at = models.DateTimeField(null=True, blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    # Normalised Levenshtein distance between draft and sent text, 0 (same) to 1.
    edit_distance = models.FloatField(null=True, blank=True)
    reply = models.OneToOneField(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="from_draft")

    objects = DraftQuerySet.as_manager()

    @property
    def state_now(self) -> str:
        """What the screen says: whoever reads sees that a writer is gone, before anybody has noted it."""
        return str(self.State.QUEUED if self.abandoned else self.state)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["ticket", "-created_at"], name="draft_ticket"),
            models.Index(fields=["state", "lease_until"], name="draft_state"),
            models.Index(fields=["review", "reviewed_at"], name="draft_review"),
        ]
        constraints = [
            # Two agents, or a worker and an agent, never write two drafts at once.
            models.UniqueConstraint(
                fields=["ticket"], condition=Q(state__in=["queued", "writing"]), name="draft_one_active"
            ),
            models.CheckConstraint(
                condition=Q(edit_distance__isnull=True) | Q(edit_distance__gte=0, edit_distance__lte=1),
                name="draft_distance_0_to_1",
            ),
            models.CheckConstraint(condition=~Q(review="rejected") | ~Q(reason=""), name="draft_rejected_has_reason"),
        ]


class Citation(models.Model):
    """One numbered excerpt that was put before the model; `cited` if the draft used its number."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="citations")
    number = models.PositiveSmallIntegerField()
    article = models.ForeignKey(Article, null=True, on_delete=models.SET_NULL, related_name="citations")
    revision = models.ForeignKey(Revision, null=True, on_delete=models.SET_NULL, related_name="+")
    chunk = models.ForeignKey(Chunk, null=True, on_delete=models.SET_NULL, related_name="+")
    # Copies: what was shown must stay readable when the article changes.
    title = models.CharField(max_length=200)
    heading_path = models.CharField(max_length=500, blank=True)
    excerpt = models.TextField()
    internal = models.BooleanField(default=False)
    score = models.FloatField()
    cited = models.BooleanField(default=False)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="citation_number_once")]


class DraftRecord(models.Model):
    """How a draft came about besides its citations and the calls of the model (`ModelCall`).

    Times are those that a person waits: the search is part of them, and the check before the draft.
    """

    draft = models.OneToOneField(Draft, on_delete=models.CASCADE, related_name="record")
    retrieval = models.JSONField(default=dict, help_text="query (masked), mode, hits with scores, degradation")
    redactions = models.JSONField(default=dict, help_text="placeholder -> kind; values stay in the customer record")
    dropped_citations = models.JSONField(default=list)
    retrieval_ms = models.PositiveIntegerField(null=True)
    first_token_ms = models.PositiveIntegerField(null=True)
    total_ms = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)


class QuestionVector(models.Model):
    """What a customer asked first, as vectors of the masked text, and which article answers it best today.

    A cache: question_vectors.py is the only writer and can make it again at any time.
    """

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="+")
    subject = models.CharField(max_length=200, blank=True, help_text="personal data masked")
    embedder = models.CharField(max_length=80)
    vectors = models.BinaryField(help_text="float32, a row for each question in the message")
    best_article = models.ForeignKey(Article, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    best_score = models.FloatField(null=True, blank=True, help_text="cosine similarity; null: not asked yet")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"question of message {self.message_id}"


class GapArticleRun(Leased):
    """An article being written from what agents answered to a topic of gaps; gap_articles/run.py is the only writer.

    queued -> writing -> ready | failed | stopped. The article it ends with is a draft like any other.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting for the model"
        WRITING = "writing", "Being written"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"

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


class ModelCall(models.Model):
    """One call of a language model, for whatever purpose: enough to explain and to repeat it. calls.py writes it.

    It goes with what it was made for: personal data is masked, but a ticket that is erased leaves nothing behind.
    """

    class Purpose(models.TextChoices):
        DRAFT = "draft", "Draft"
        CHECK = "check", "Check before a draft"
        GAP_ARTICLE = "gap_article", "Article from agents' answers"

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


from copilot.models_preparation import MaskedValue, Preparation  # noqa: E402, F401
