"""Articles, revisions, chunks and pictures. The database is the truth; Chroma is a cache."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> "ArticleQuerySet":
        """Articles that drafts may use: approved and not expired."""
        return self.filter(state=Article.State.APPROVED, published__isnull=False).filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
        )


class Article(models.Model):
    """One topic. The fields hold the text that authors work on; readers and drafts see the revision `published`."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        ARCHIVED = "archived", _("Archived")

    class Audience(models.TextChoices):
        PUBLIC = "public", _("Public")
        INTERNAL = "internal", _("Internal: only the team")

    external_id = models.CharField(
        _("external id"),
        max_length=200,
        unique=True,
        null=True,
        blank=True,
        help_text=_("The id or slug in the system that the article was imported from"),
    )
    title = models.CharField(_("title"), max_length=200)
    body_md = models.TextField(_("text (Markdown)"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    audience = models.CharField(_("audience"), max_length=10, choices=Audience, default=Audience.PUBLIC)
    category = models.CharField(_("category"), max_length=40, blank=True)
    tags = models.CharField(_("tags"), max_length=200, blank=True, help_text=_("Separated by commas"))
    language = models.CharField(_("language"), max_length=8, default="en")
    product_version = models.CharField(_("product version"), max_length=40, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="articles",
    )
    translation_of = models.ForeignKey(
        "self",
        verbose_name=_("translation of"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="translations",
    )
    review_by = models.DateField(
        _("review by"), null=True, blank=True, help_text=_("After this day the review is overdue")
    )
    expires_at = models.DateTimeField(
        _("expires at"), null=True, blank=True, help_text=_("From then on no search and no draft uses the article")
    )
    published = models.ForeignKey(
        "Revision", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    # A revision that waits for a colleague's approval, or that is approved and waits for `publish_at`.
    proposed = models.ForeignKey(
        "Revision", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    proposed_at = models.DateTimeField(null=True, blank=True, editable=False)
    publish_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="when `proposed`, which is approved, is published"
    )
    # The original's revision that this translation was made from. Not the published one: out of date.
    translated_revision = models.ForeignKey(
        "Revision", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    reminded_on = models.DateField(null=True, blank=True, editable=False, help_text="when the owner was reminded")
    # The revision whose chunks are in the vector store. Only sync/storing.py writes it.
    indexed = models.ForeignKey(
        "Revision", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    # The revision after which open gaps were searched again and passages compared. Only follow_ups.py writes it.
    followed = models.ForeignKey(
        "Revision", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
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
    """A saved text of an article. Never changed afterwards."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    body_md = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    note = models.CharField(_("what changed"), max_length=200, blank=True)
    content_hash = models.CharField(max_length=64)
    model = models.CharField(max_length=120, blank=True, help_text="the language model that wrote this text")
    sources = models.JSONField(
        default=list, blank=True, help_text='what the model was given: [{"ref": "ticket:12", "label": "…"}]'
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["article", "number"], name="revision_number_once")]

    def __str__(self) -> str:
        return f"{self.title} (revision {self.number})"


class Chunk(models.Model):
    """A piece of a published revision, small enough to cite and to embed."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="chunks")
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="chunks")
    ordinal = models.PositiveIntegerField()
    heading_path = models.CharField(max_length=500, blank=True, help_text="the headings above it, joined by ›")
    text = models.TextField()
    tokens = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["article_id", "ordinal"]
        constraints = [models.UniqueConstraint(fields=["revision", "ordinal"], name="chunk_ordinal_once")]


class ArticleImage(models.Model):
    """A picture in an article, stored once per content. Markdown refers to it by its address."""

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
