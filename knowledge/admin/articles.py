"""The list of articles and the form that authors write in."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from knowledge.access import may_write
from knowledge.admin import editor, history, transfer
from knowledge.admin.columns import Columns, index_badge, state_badges
from knowledge.admin.filters import CategoryFilter, FreshnessFilter, OwnerFilter, TranslationFilter, WaitingFilter
from knowledge.admin.permissions import ForAuthors
from knowledge.admin.verbs import act, pressed, said
from knowledge.articles import publishing
from knowledge.articles.checks import check
from knowledge.articles.forms import ArticleForm
from knowledge.articles.freshness import freshness
from knowledge.articles.remarks import Remark
from knowledge.articles.translations import changed_since, linked, out_of_date, to_add
from knowledge.models import Article
from knowledge.text.links import problem_with

REMARKS_AT_SAVE = 3


@admin.register(Article)
class ArticleAdmin(Columns, ForAuthors):
    form = ArticleForm
    change_form_template = "admin/knowledge/article/change_form.html"
    change_list_template = "admin/knowledge/article/change_list.html"
    list_display = (
        *("title", "state_badge", "category_name", "audience_name"),
        *("language", "owner_name", "fresh", "index_state"),
    )
    list_filter = (
        *(WaitingFilter, "state", ("category", CategoryFilter), "audience", "language"),
        *(FreshnessFilter, TranslationFilter, ("owner", OwnerFilter)),
    )
    list_select_related = ("owner", "translation_of")
    list_per_page = 50
    search_fields = ("title", "body_md", "tags", "external_id")
    actions = ("approve_selected", "propose_selected", "unpublish_selected", "archive_selected", "export_selected")
    autocomplete_fields = ("translation_of",)
    fieldsets = (
        (None, {"fields": ("title", "body_md", "note", "based_on")}),
        (gettext_lazy("About"), {"fields": ("category", "audience", "language", "tags", "product_version")}),
        (gettext_lazy("Owner and review"), {"fields": ("owner", "review_by", "expires_at", "translation_of")}),
    )

    class Media:
        css = {"all": ("css/admin/article.css",)}

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The owner is whoever writes. A link from a gap, or from an original, fills in more."""
        return {"owner": request.user.pk, **super().get_changeform_initial_data(request)}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        # No pop-ups from here to manage members or other articles.
        for right in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
            if field is not None and hasattr(field.widget, right):
                setattr(field.widget, right, False)
        return field

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        article = kwargs.get("obj")
        return super().render_change_form(request, context | facts(article), *args, **kwargs)

    # --- Saving, and the buttons beside it ---

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        publishing.save_revision(
            obj, author=request.user, note=form.cleaned_data.get("note", ""), based_on=form.cleaned_data.get("based_on")
        )
        warn(request, obj)

    def response_add(self, request: HttpRequest, obj: Article, post_url_continue: str | None = None) -> HttpResponse:
        return self._after_save(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        return self._after_save(request, obj) or super().response_change(request, obj)

    def _after_save(self, request: HttpRequest, article: Article) -> HttpResponse | None:
        verb = pressed(request)
        if verb is None:
            return None
        self._act(request, [article], verb)
        return HttpResponseRedirect(reverse("admin:knowledge_article_change", args=[article.pk]))

    def _act(self, request: HttpRequest, articles: list[Article], verb: str) -> None:
        done, refused = act(verb, articles, request.user, request.POST)
        for reason in refused:
            messages.error(request, reason)
        for article in done:
            self.log_change(request, article, [{"changed": {"fields": [verb]}}])
        if done:
            messages.success(request, said(verb, done))

    @admin.action(description=gettext_lazy("Approve: publish the latest text"))
    def approve_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._act(request, list(queryset), "approve")

    @admin.action(description=gettext_lazy("Ask for approval"))
    def propose_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._act(request, list(queryset), "propose")

    @admin.action(description=gettext_lazy("Unpublish: back to draft"))
    def unpublish_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._act(request, list(queryset), "unpublish")

    @admin.action(description=pgettext_lazy("verb", "Archive"))
    def archive_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._act(request, list(queryset), "archive")

    @admin.action(description=gettext_lazy("Export as Markdown (zip)"))
    def export_selected(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse:
        return transfer.download(queryset)

    # --- Pages and panels around the form ---

    def get_urls(self) -> list[URLPattern]:
        def at(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"knowledge_article_{name}")

        return [
            at("preview/", editor.preview, "preview"),
            at("checks/", editor.checks, "checks"),
            at("images/", editor.upload, "image"),
            at("import/", self.import_page, "import"),
            at("<int:article_id>/restore/<int:number>/", self.restore, "restore"),
            *super().get_urls(),
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return history.page(self, request, object_id, extra_context)

    def restore(self, request: HttpRequest, article_id: int, number: int) -> HttpResponse:
        return history.restore(self, request, article_id, number)

    def import_page(self, request: HttpRequest) -> HttpResponse:
        return transfer.import_page(self, request)


def facts(article: Article | None) -> dict[str, Any]:
    """What the form shows beside its fields."""
    if article is None:
        return {"is_new": True, "second_pair": settings.KB_SECOND_PAIR_OF_EYES}
    family = linked(article)
    fresh = freshness(article.review_by, article.expires_at, timezone.now())
    newest = article.revisions.select_related("author").first()
    return {
        "badges": [*state_badges(article), (fresh.level, fresh.words), index_badge(article)],
        "newest": newest,
        "second_pair": settings.KB_SECOND_PAIR_OF_EYES,
        "written_by_model": newest if newest and newest.model else None,
        "family": family,
        "languages_to_add": to_add(article, family),
        "outdated": out_of_date(article),
        "original_changes": changed_since(article) if out_of_date(article) else [],
    }


def warn(request: HttpRequest, article: Article) -> None:
    """Name the worst problems after saving. They never stop it."""
    if not may_write(request.user):
        return
    internal = article.audience == Article.Audience.INTERNAL
    remarks = check(article.body_md, article.title, problem_with, internal)
    grave = [each for each in remarks if each.level != "info"]
    if not grave:
        return
    problems = " ".join(_on_its_line(each) for each in grave[:REMARKS_AT_SAVE])
    more = len(grave) - REMARKS_AT_SAVE
    text = _("Please check: %(problems)s")
    if more > 0:
        text = ngettext(
            "Please check: %(problems)s %(count)d more is listed below the text.",
            "Please check: %(problems)s %(count)d more are listed below the text.",
            more,
        )
    messages.warning(request, text % {"problems": problems, "count": more})


def _on_its_line(remark: Remark) -> str:
    return (
        _("Line %(line)d: %(problem)s") % {"line": remark.line, "problem": remark.words}
        if remark.line
        else remark.words
    )
