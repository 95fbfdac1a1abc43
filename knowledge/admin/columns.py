"""The columns of the list of articles."""

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from knowledge.articles.freshness import freshness
from knowledge.articles.translations import out_of_date
from knowledge.models import Article


def badge(level: str, words: str) -> SafeString:
    return format_html('<span class="kb-badge kb-{}">{}</span>', level, words)


def state_badges(article: Article) -> list[tuple[str, str]]:
    """(level, text) of everything an author needs to know about the article's state."""
    level = {Article.State.APPROVED: "ok", Article.State.ARCHIVED: "dim"}.get(Article.State(article.state), "warn")
    found = [(level, str(article.get_state_display()))]
    if article.publish_at:
        date = date_format(timezone.localtime(article.publish_at), "SHORT_DATETIME_FORMAT")
        found.append(("sel", _("scheduled for %(date)s") % {"date": date}))
    elif article.proposed_id:
        found.append(("warn", _("waiting for approval")))
    if article.translation_of_id and out_of_date(article):
        known = article.translated_revision_id
        found.append(("warn", _("translation out of date") if known else _("not compared with the original")))
    return found


def index_badge(article: Article) -> tuple[str, str]:
    if article.published_id is None:
        return "dim", _("not searchable")
    if article.indexed_id == article.published_id:
        return "ok", _("searchable")
    return "warn", _("waiting for the index")


def badge_unless_ok(level: str, words: str) -> SafeString:
    """Colour only where somebody should look; “ok” is plain text."""
    return badge(level, words) if level != "ok" else format_html('<span class="kb-quiet">{}</span>', words)


class Columns(admin.ModelAdmin):
    @admin.display(description=gettext_lazy("category"), ordering="category")
    def category_name(self, article: Article) -> str:
        return article.category.replace("_", " ")

    @admin.display(description=gettext_lazy("audience"), ordering="audience")
    def audience_name(self, article: Article) -> str:
        return badge("warn", _("internal")) if article.audience == Article.Audience.INTERNAL else _("public")

    @admin.display(description=gettext_lazy("owner"), ordering="owner__first_name")
    def owner_name(self, article: Article) -> str:
        return article.owner.name if article.owner else _("nobody")

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_badge(self, article: Article) -> SafeString:
        parts: list[Any] = [badge_unless_ok(level, words) for level, words in state_badges(article)]
        return SafeString(" ".join(parts))

    @admin.display(description=gettext_lazy("freshness"), ordering="review_by")
    def fresh(self, article: Article) -> SafeString:
        found = freshness(article.review_by, article.expires_at, timezone.now())
        return badge_unless_ok(found.level, found.words)

    @admin.display(description=gettext_lazy("search"))
    def index_state(self, article: Article) -> SafeString:
        return badge_unless_ok(*index_badge(article))
