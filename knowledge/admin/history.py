"""The revisions of an article: list them, compare two, restore an old one."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from config.numbers import whole
from knowledge.access import get_article_to_write
from knowledge.articles import publishing
from knowledge.models import Article, Revision
from knowledge.text.diffing import compare


def page(
    model_admin: admin.ModelAdmin, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None
) -> HttpResponse:
    article = get_article_to_write(request.user, whole(object_id) or 0)
    revisions = list(article.revisions.select_related("author"))
    left, right = chosen_pair(revisions, article, request.GET.get("from", ""), request.GET.get("to", ""))
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Revisions of %(title)s") % {"title": article},
        "opts": model_admin.opts,
        "article": article,
        "revisions": revisions,
        "left": left,
        "right": right,
        "rows": compare(left.body_md, right.body_md) if left and right else [],
        **(extra_context or {}),
    }
    return TemplateResponse(request, "admin/knowledge/article/revisions.html", context)


def restore(model_admin: admin.ModelAdmin, request: HttpRequest, article_id: int, number: int) -> HttpResponse:
    article = get_article_to_write(request.user, article_id)
    revision = article.revisions.filter(number=number).first()
    if request.method != "POST" or revision is None:
        raise PermissionDenied
    saved = publishing.restore(article, revision, by=request.user)
    model_admin.log_change(request, article, [{"changed": {"fields": [f"restored revision {number}"]}}])
    messages.success(
        request,
        _("Revision %(old)d is restored as revision %(new)d. Approve it to publish it.")
        % {"old": number, "new": saved.number},
    )
    return HttpResponseRedirect(reverse("admin:knowledge_article_change", args=[article.pk]))


def chosen_pair(
    revisions: list[Revision], article: Article, first: str, second: str
) -> tuple[Revision | None, Revision | None]:
    """The two chosen; else the published and the newest revision; else the newest two. The older one first."""
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
