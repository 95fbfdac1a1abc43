"""What the list of articles says about each."""

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from knowledge.articles.freshness import freshness
from knowledge.articles.translations import out_of_date
from knowledge.models import Article


def badge(level: str, words: str) -> SafeString:
    return format_html('<span class="kb-badge kb-{}">{}</span>', level, words)


def state_badges(article: Article) -> list[tuple[str, str]]:
    """(level, words) of everything an author must know about where the article stands."""
    level = {Article.State.APPROVED: "ok", Article.State.ARCHIVED: "dim"}.get(Article.State(article.state), "warn")
    found = [(level, str(article.get_state_display()))]
    if article.publish_at:
        found.append(("sel", f"approved for {timezone.localtime(article.publish_at):%-d %b %H:%M}"))
    elif article.proposed_id:
        found.append(("warn", "waiting for approval"))
    if article.translation_of_id and out_of_date(article):
        found.append(("warn", "translation out of date" if article.translated_revision_id else "never compared"))
    return found


def index_badge(article: Article) -> tuple[str, str]:
    if article.published_id is None:
        return "dim", "not searchable"
    if article.indexed_id == article.published_id:
        return "ok", "indexed"
    return "warn", "waiting for the index"


def unless_well(level: str, words: str) -> SafeString:
    """Colour is for what wants looking at: all is well is said quietly."""
    return badge(level, words) if level != "ok" else format_html('<span class="kb-quiet">{}</span>', words)


class Columns(admin.ModelAdmin):
    @admin.display(description="category", ordering="category")
    def category_name(self, article: Article) -> str:
        return article.category.replace("_", " ")

    @admin.display(description="audience", ordering="audience")
    def audience_name(self, article: Article) -> str:
        return badge("warn", "internal") if article.audience == Article.Audience.INTERNAL else "public"

    @admin.display(description="owner", ordering="owner__first_name", empty_value="nobody")
    def owner_name(self, article: Article) -> str | None:
        return article.owner.name if article.owner else None

    @admin.display(description="state", ordering="state")
    def state_badge(self, article: Article) -> SafeString:
        parts: list[Any] = [unless_well(level, words) for level, words in state_badges(article)]
        return SafeString(" ".join(parts))

    @admin.display(description="freshness", ordering="review_by")
    def fresh(self, article: Article) -> SafeString:
        found = freshness(article.review_by, article.expires_at, timezone.now())
        return unless_well(found.level, found.words)

    @admin.display(description="search")
    def index_state(self, article: Article) -> SafeString:
        return unless_well(*index_badge(article))
