"""What the model wrote, its sources, and what became of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from copilot.leases import Leased
from knowledge.models import Article, Chunk, Revision
from tickets.models import Message, Ticket


class DraftQuerySet(models.QuerySet["Draft"]):
    def active(self) -> "DraftQuerySet":
        return self.filter(state__in=Draft.ACTIVE)

    def visible(self) -> "DraftQuerySet":
        """Without those that are to replace another one and cannot yet, or never will."""
        return self.exclude(~models.Q(state__in=Draft.REPLACES), origin=Draft.Origin.RENEWAL)


class Draft(Leased):
    """One reply proposed for one customer message.

    Writing (`state`) and the agent's review (`review`) are independent:
    queued -> writing -> ready | no_source | by_rule | stopped | failed;
    pending -> accepted | edited | rejected | ignored.
    `text` holds placeholders (<NAME_1>), never the masked values themselves.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        WRITING = "writing", _("Being written")
        READY = "ready", _("Ready")
        NO_SOURCE = "no_source", _("No source")
        BY_RULE = "by_rule", _("No draft by rule")
        STOPPED = "stopped", _("Stopped")
        FAILED = "failed", _("Failed")

    ACTIVE = (State.QUEUED, State.WRITING)
    REPLACES = (State.READY, State.NO_SOURCE)  # a renewal that is done takes the place of the draft before it

    class Review(models.TextChoices):
        PENDING = "pending", _("Not reviewed")
        ACCEPTED = "accepted", _("Accepted unedited")
        EDITED = "edited", _("Edited")
        REJECTED = "rejected", _("Rejected")
        IGNORED = "ignored", _("Ignored")

    class Reason(models.TextChoices):
        WRONG = "wrong", _("Wrong facts")
        OFF_TOPIC = "off_topic", _("Not what was asked")
        INCOMPLETE = "incomplete", _("Incomplete")
        TONE = "tone", _("Wrong tone")
        OUTDATED_SOURCE = "outdated_source", _("Outdated source")

    class Origin(models.TextChoices):
        ARRIVAL = "arrival", _("Written on arrival")
        REQUEST = "request", _("Requested by an agent")
        RENEWAL = "renewal", _("Prepared again, because an article or a prompt has changed")

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
    retryable = models.BooleanField(default=False, help_text="failed for a temporary reason, e.g. no model")
    failures = models.PositiveSmallIntegerField(default=0, help_text="how often writing it failed")
    retry_at = models.DateTimeField(null=True, blank=True, help_text="earliest next attempt")
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
    # Between draft and sent text, 0 (same) to 1: copilot.review.edit_distance.
    edit_distance = models.FloatField(null=True, blank=True)
    reply = models.OneToOneField(Message, null=True, blank=True, on_delete=models.SET_NULL, related_name="from_draft")

    objects = DraftQuerySet.as_manager()

    @property
    def state_now(self) -> str:
        """The state to show: an abandoned draft counts as waiting, even before it is recovered."""
        return str(self.State.QUEUED if self.abandoned else self.state)

    @property
    def hidden(self) -> bool:
        """Nobody sees it: the draft that it is to replace stays until it is done."""
        return self.origin == self.Origin.RENEWAL and self.state not in self.REPLACES

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
    """One numbered unit of a draft's evidence; `cited` if the draft used it. The model never reads `internal` ones.

    `excerpt` is the unit as it can be read alone; it stands at `start` to `end` of its chunk's text.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="citations")
    number = models.PositiveSmallIntegerField()
    article = models.ForeignKey(Article, null=True, on_delete=models.SET_NULL, related_name="citations")
    revision = models.ForeignKey(Revision, null=True, on_delete=models.SET_NULL, related_name="+")
    chunk = models.ForeignKey(Chunk, null=True, on_delete=models.SET_NULL, related_name="+")
    # Copies: what was shown must stay readable when the article changes.
    title = models.CharField(max_length=200)
    heading_path = models.CharField(max_length=500, blank=True)
    excerpt = models.TextField()
    start = models.PositiveIntegerField(null=True)
    end = models.PositiveIntegerField(null=True)
    internal = models.BooleanField(default=False)
    score = models.FloatField()
    cited = models.BooleanField(default=False)
    sent_at = models.DateTimeField(null=True, help_text="when a reply said it, so that the draft leaves it out")

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["draft", "number"], name="citation_number_once")]


class DraftRecord(models.Model):
    """How a draft was made, apart from its citations and model calls (`ModelCall`).

    Times are what an agent waits for: they include the search.
    """

    class Form(models.TextChoices):
        EVIDENCE = "evidence", _("The sources’ own words")
        WRITTEN = "written", _("Written by the model")

    draft = models.OneToOneField(Draft, on_delete=models.CASCADE, related_name="record")
    retrieval = models.JSONField(default=dict, help_text="query (masked), mode, hits with scores, degradation")
    redactions = models.JSONField(default=dict, help_text="placeholder -> kind; values stay in the customer record")
    form = models.CharField(max_length=10, choices=Form, blank=True)
    answers = models.FloatField(null=True, help_text="probability that the evidence answers, 0 to 1")
    questions = models.JSONField(default=list, help_text="what was asked: text (masked), the units that answer it")
    sentences = models.JSONField(default=list, help_text="of the draft: start, end, support, reason, words, units")
    confidence = models.FloatField(null=True, help_text="probability that it can be sent as it is; null: not measured")
    confidence_parts = models.JSONField(default=list, help_text="where that comes from: part, value, effect")
    insisted = models.BooleanField(default=False, help_text="an agent wanted a draft although no source answers")
    own_words = models.TextField(blank=True, help_text="kept if the draft is queued again; all the above is about it")
    answers_from = models.CharField(max_length=64, blank=True, help_text="digest of question, language and evidence")
    prompts = models.CharField(max_length=64, blank=True, help_text="digest of the prompts")
    answer_key = models.CharField(max_length=64, blank=True, help_text="digest of all that the reply depends on")
    reused_from = models.PositiveBigIntegerField(null=True, help_text="draft whose reply it is; no model was asked")
    retrieval_ms = models.PositiveIntegerField(null=True)
    first_token_ms = models.PositiveIntegerField(null=True)
    total_ms = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["answer_key"], name="draft_record_answer"),
            # For the figures on confidence, which need nothing else of these long rows.
            models.Index(
                fields=["-draft", "confidence"], condition=Q(confidence__isnull=False), name="record_confidence"
            ),
        ]
