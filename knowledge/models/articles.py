"""Articles, their revisions, their chunks and their images. SQL is the truth; Chroma is a cache."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> "ArticleQuerySet":
        """Articles that may ground a draft: approved and not expired."""
        return self.filter(state=Article.State.APPROVED, published__isnull=False).filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
        )


class Article(models.Model):
    """The working copy of one topic; what readers and drafts see is `published`, a revision."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        APPROVED = "approved", "Approved"
        ARCHIVED = "archived", "Archived"

    class Audience(models.TextChoices):
        PUBLIC = "public", "Public"
        INTERNAL = "internal", "Internal: agents only"

    external_id = models.CharField(
        max_length=200, unique=True, null=True, blank=True, help_text="id or slug where imported from"
    )
    title = models.CharField(max_length=200)
    body_md = models.TextField("text (Markdown)")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.PUBLIC)
    category = models.CharField(max_length=40, blank=True)
    tags = models.CharField(max_length=200, blank=True, help_text="comma separated")
    language = models.CharField(max_length=8, default="en")
    product_version = models.CharField(max_length=40, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="articles"
    )
    translation_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="translations"
    )
    review_by = models.DateField(null=True, blank=True, help_text="after this day the article counts as stale")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="from then on it grounds no draft")
    published = models.ForeignKey(
        "Revision", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    # A text waiting for a colleague's approval, or, approved, for its hour (`publish_at`).
    proposed = models.ForeignKey(
        "Revision", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    proposed_at = models.DateTimeField(null=True, blank=True, editable=False)
    publish_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="approved, published then")
    # Of the original: the revision this translation says the same as. Older than the published one: out of date.
    translated_revision = models.ForeignKey(
        "Revision", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    reminded_on = models.DateField(null=True, blank=True, editable=False, help_text="owner told that a review is due")
    # The revision whose chunks are in the vector store; sync/storing.py is the only writer.
    indexed = models.ForeignKey(
        "Revision", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    # The revision after which open questions were asked again and passages compared; follow_ups.py is the only writer.
    followed = models.ForeignKey(
        "Revision", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        indexes = [models.Index(fields=["state", "category"], name="article_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "approved", "archived"]), name="article_state_known"
            ),
            models.CheckConstraint(condition=Q(audience__in=["public", "internal"]), name="article_audience_known"),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(published__isnull=False), name="article_approved_has_revision"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Revision(models.Model):
    """A saved text of an article, never changed afterwards."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    body_md = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField("what changed", max_length=200, blank=True)
    content_hash = models.CharField(max_length=64)
    model = models.CharField(max_length=120, blank=True, help_text="name of the language model that wrote this text")
    sources = models.JSONField(
        default=list, blank=True, help_text='what a model wrote it from: [{"ref": "ticket:12", "label": "…"}]'
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="revision_number_once")]

    def __str__(self) -> str:
        return f"{self.title} (revision {self.number})"


class Chunk(models.Model):
    """A passage of a published revision, small enough to cite and to embed."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="chunks")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="chunks")
    ordinal = models.PositiveIntegerField()
    heading_path = models.CharField(max_length=500, blank=True, help_text="headings above the passage, joined by ›")
    text = models.TextField()
    tokens = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["article_id", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["revision", "ordinal"], name="chunk_ordinal_once")]


class ArticleImage(models.Model):
    """A picture pasted into an article, stored once by content and referred to in Markdown by its address."""

    sha256 = models.CharField(max_length=64, unique=True)
    file = models.FileField(upload_to="articles")
    content_type = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField(help_text="bytes")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} ({self.width}×{self.height})"
