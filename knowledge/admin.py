"""Where authors write. State changes only by verbs (publishing.py); every text stays in the list of revisions."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from knowledge import publishing
from knowledge.access import get_article_to_write, may_write
from knowledge.diffing import compare
from knowledge.forms import ArticleForm
from knowledge.freshness import freshness
from knowledge.gaps import close_gap
from knowledge.models import Article, Gap, Revision
from knowledge.rendering import render as render_markdown

PREVIEW_LIMIT = 500_000


class ForAuthors(admin.ModelAdmin):
    """Whoever writes articles may do everything here but delete; everyone else sees nothing."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_write(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_write(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_write(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_write(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class FreshnessFilter(admin.SimpleListFilter):
    title = "freshness"
    parameter_name = "freshness"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("stale", "Stale: review overdue"), ("expired", "Expired"), ("undated", "No review date")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        chosen = {
            "stale": Q(review_by__lt=timezone.localdate()),
            "expired": Q(expires_at__lte=timezone.now()),
            "undated": Q(review_by__isnull=True),
        }
        condition = chosen.get(self.value() or "")
        return queryset.filter(condition) if condition else queryset


class UnpublishedChangesFilter(admin.SimpleListFilter):
    title = "index"
    parameter_name = "index"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("waiting", "Waiting for the index")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() != "waiting":
            return queryset
        return queryset.filter(published__isnull=False).exclude(indexed__isnull=False, indexed=F("published"))


def badge(level: str, words: str) -> SafeString:
    return format_html('<span class="kb-badge kb-{}">{}</span>', level, words)


@admin.register(Article)
class ArticleAdmin(ForAuthors):
    form = ArticleForm
    change_form_template = "admin/knowledge/article/change_form.html"
    list_display = ("title", "state_badge", "category", "audience", "language", "owner", "fresh", "index_state")
    list_filter = ("state", "category", "audience", "language", FreshnessFilter, UnpublishedChangesFilter, "owner")
    list_select_related = ("owner",)
    list_per_page = 50
    search_fields = ("title", "body_md", "tags", "external_id")
    actions = ("approve_selected", "unpublish_selected", "archive_selected")
    autocomplete_fields = ("translation_of",)
    readonly_fields = ("state_badge", "fresh", "index_state")
    save_on_top = True
    fieldsets = (
        (None, {"fields": (("state_badge", "fresh", "index_state"), "title", "body_md", "note", "based_on")}),
        ("What it is about", {"fields": (("category", "audience"), ("tags", "language", "product_version"))}),
        ("Who looks after it", {"fields": (("owner", "review_by", "expires_at"), "translation_of")}),
    )

    class Media:
        css = {"all": ("admin/article.css",)}
        js = ("admin/article.js",)

    # --- What the lists and the form say ---

    @admin.display(description="state", ordering="state")
    def state_badge(self, article: Article) -> SafeString:
        level = {Article.State.APPROVED: "ok", Article.State.ARCHIVED: "dim"}.get(Article.State(article.state), "warn")
        return badge(level, article.get_state_display())

    @admin.display(description="freshness", ordering="review_by")
    def fresh(self, article: Article) -> SafeString:
        found = freshness(article.review_by, article.expires_at, timezone.now())
        return badge(found.level, found.words)

    @admin.display(description="search")
    def index_state(self, article: Article) -> SafeString:
        if article.published_id is None:
            return badge("dim", "not searchable")
        if article.indexed_id == article.published_id:
            return badge("ok", "indexed")
        return badge("warn", "found by words, waiting for the index")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Owner: me. A gap's link fills in the rest."""
        return {"owner": request.user.pk, **super().get_changeform_initial_data(request)}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "owner" and field is not None:
            # Nobody manages users from here.
            for right in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
                setattr(field.widget, right, False)
        return field

    # --- Saving and the verbs ---

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        publishing.save_revision(
            obj, author=request.user, note=form.cleaned_data.get("note", ""), based_on=form.cleaned_data.get("based_on")
        )

    def response_add(self, request: HttpRequest, obj: Article, post_url_continue: str | None = None) -> HttpResponse:
        return self._after_save(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        return self._after_save(request, obj) or super().response_change(request, obj)

    def _after_save(self, request: HttpRequest, article: Article) -> HttpResponse | None:
        """The button pressed beside Save: `_approve`, `_unpublish` or `_archive`."""
        verb = next((name for name in VERBS if f"_{name}" in request.POST), None)
        if verb is None:
            return None
        self._act(request, [article], verb)
        return HttpResponseRedirect(reverse("admin:knowledge_article_change", args=[article.pk]))

    def _act(self, request: HttpRequest, articles: list[Article], verb: str) -> None:
        done = 0
        for article in articles:
            try:
                VERBS[verb](article, request.user)
            except publishing.NothingToPublish as error:
                messages.error(request, str(error))
                continue
            self.log_change(request, article, [{"changed": {"fields": [verb]}}])
            done += 1
        if done:
            what = f"“{articles[0]}” is" if len(articles) == 1 else f"{done} articles are"
            messages.success(request, f"{what} {SAID[verb]}")

    @admin.action(description="Approve: publish the newest text")
    def approve_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._act(request, list(queryset), "approve")

    @admin.action(description="Unpublish: back to draft")
    def unpublish_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._act(request, list(queryset), "unpublish")

    @admin.action(description="Archive")
    def archive_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._act(request, list(queryset), "archive")

    # --- Preview, revisions, restore ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("preview/", view(self.preview), name="knowledge_article_preview"),
            path("<int:article_id>/restore/<int:number>/", view(self.restore), name="knowledge_article_restore"),
            *super().get_urls(),
        ]

    def preview(self, request: HttpRequest) -> HttpResponse:
        if not may_write(request.user) or request.method != "POST":
            raise PermissionDenied
        return HttpResponse(render_markdown(request.POST.get("body_md", "")[:PREVIEW_LIMIT]))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The revisions of an article, and any two of them side by side."""
        article = get_article_to_write(request.user, int(object_id) if object_id.isdigit() else 0)
        revisions = list(article.revisions.select_related("author"))
        left, right = chosen_pair(revisions, article, request.GET.get("from", ""), request.GET.get("to", ""))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Revisions of {article}",
            "opts": self.opts,
            "article": article,
            "revisions": revisions,
            "left": left,
            "right": right,
            "rows": compare(left.body_md, right.body_md) if left and right else [],
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/knowledge/article/revisions.html", context)

    def restore(self, request: HttpRequest, article_id: int, number: int) -> HttpResponse:
        article = get_article_to_write(request.user, article_id)
        revision = article.revisions.filter(number=number).first()
        if request.method != "POST" or revision is None:
            raise PermissionDenied
        saved = publishing.restore(article, revision, by=request.user)
        self.log_change(request, article, [{"changed": {"fields": [f"restored revision {number}"]}}])
        messages.success(
            request, f"Revision {number} is now the newest text (revision {saved.number}). Approve it to publish it."
        )
        return HttpResponseRedirect(reverse("admin:knowledge_article_change", args=[article.pk]))


VERBS: dict[str, Callable[[Article, Any], object]] = {
    "approve": lambda article, user: publishing.approve(article, by=user),
    "unpublish": lambda article, user: publishing.unpublish(article),
    "archive": lambda article, user: publishing.archive(article),
}
SAID = {
    "approve": "approved and searchable.",
    "unpublish": "no longer searchable.",
    "archive": "archived and no longer searchable.",
}


def chosen_pair(
    revisions: list[Revision], article: Article, first: str, second: str
) -> tuple[Revision | None, Revision | None]:
    """The two asked for; else what is published and the newest; else the newest two. Older on the left."""
    by_number = {str(revision.number): revision for revision in revisions}
    if first in by_number and second in by_number:
        pair = [by_number[first], by_number[second]]
    elif len(revisions) < 2:
        return None, None
    else:
        published = next((each for each in revisions[1:] if each.pk == article.published_id), None)
        pair = [published or revisions[1], revisions[0]]
    left, right = sorted(pair, key=lambda revision: revision.number)
    return left, right


@admin.register(Gap)
class GapAdmin(ForAuthors):
    list_display = ("query_short", "category", "language", "best_score", "asked_in", "asked_at", "closed_at", "write")
    list_filter = (("closed_at", admin.EmptyFieldListFilter), "category", "language")
    search_fields = ("query",)
    date_hierarchy = "asked_at"
    readonly_fields = tuple(field.name for field in Gap._meta.fields)
    actions = ("close_selected",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="question")
    def query_short(self, gap: Gap) -> str:
        return gap.query[:120]

    @admin.display(description="")
    def write(self, gap: Gap) -> SafeString:
        add = reverse("admin:knowledge_article_add", query={"title": gap.query[:200], "category": gap.category})
        return format_html('<a href="{}">Write the article</a>', add)

    @admin.action(description="Close: answered by now, or not worth an article")
    def close_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        closed = sum(close_gap(gap.asked_in) for gap in queryset)
        messages.success(request, f"{closed} closed.")
