"""Requests of the editor while somebody writes: preview, checks, picture upload. Only the upload stores anything."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from config.numbers import whole
from config.picture_formats import NotAPicture
from knowledge.access import may_write
from knowledge.articles.checks import check
from knowledge.models import Article
from knowledge.search.similar import similar
from knowledge.text import images
from knowledge.text.alt_texts import description_from
from knowledge.text.links import problem_with

TEXT_LIMIT = 500_000  # characters


def _posted_by_author(request: HttpRequest) -> None:
    if not may_write(request.user) or request.method != "POST":
        raise PermissionDenied


def preview(request: HttpRequest) -> HttpResponse:
    """The text as readers would see it."""
    _posted_by_author(request)
    return HttpResponse(images.render_article(request.POST.get("body_md", "")[:TEXT_LIMIT]))


def checks(request: HttpRequest) -> HttpResponse:
    """Problems in the text, and similar published articles."""
    _posted_by_author(request)
    title, text = request.POST.get("title", "")[:200], request.POST.get("body_md", "")[:TEXT_LIMIT]
    internal = request.POST.get("audience") == Article.Audience.INTERNAL
    remarks = check(text, title, problem_with, internal)
    context: dict[str, Any] = {
        "remarks": [each for each in remarks if each.level != "info"],
        "notes": [each for each in remarks if each.level == "info"],
        "similar": similar(title, text, whole(request.POST.get("article", ""))),
        "empty": not text.strip(),
    }
    return render(request, "admin/knowledge/article/_remarks.html", context)


def upload(request: HttpRequest) -> JsonResponse:
    """Store a pasted picture. Answers with the Markdown to insert, or with `error` for the author."""
    _posted_by_author(request)
    file = request.FILES.get("image")
    if file is None:
        return JsonResponse({"error": _("No picture was received.")}, status=422)
    try:
        # One byte more than allowed shows that it is too large, without reading the rest.
        image = images.keep(file.read(settings.ARTICLE_IMAGE_MAX_BYTES + 1), by=request.user)
    except images.TooLarge as error:
        return JsonResponse({"error": str(error)}, status=413)
    except NotAPicture as error:
        return JsonResponse({"error": str(error)}, status=422)
    address, words = images.address(image), description_from(file.name or "")
    return JsonResponse({"url": address, "alt": words, "markdown": f"![{words}]({address})"})
