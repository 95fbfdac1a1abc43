"""All gaps as rows, to look one up. Authors work from the page knowledge:gaps."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from knowledge.admin.permissions import ForAuthors
from knowledge.gaps.recording import close_gap
from knowledge.models import Gap


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

    @admin.display(description=gettext_lazy("question"))
    def query_short(self, gap: Gap) -> str:
        return gap.query[:120]

    @admin.display(description="")
    def write(self, gap: Gap) -> SafeString:
        add = reverse("admin:knowledge_article_add", query={"title": gap.query[:200], "category": gap.category})
        return format_html('<a href="{}">{}</a>', add, _("Write the article"))

    @admin.action(description=gettext_lazy("Close (answered, or not worth an article)"))
    def close_selected(self, request: HttpRequest, queryset: QuerySet) -> None:
        closed = sum(close_gap(gap.asked_in) for gap in queryset)
        text = ngettext("%(count)d gap closed.", "%(count)d gaps closed.", closed)
        messages.success(request, text % {"count": closed})
