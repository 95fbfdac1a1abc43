"""What the editor asks while somebody writes: the preview, the remarks, a place for a picture. Writes only pictures."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from config.numbers import whole
from knowledge.access import may_write
from knowledge.articles.checks import check
from knowledge.search.similar import similar
from knowledge.text import images
from knowledge.text.image_formats import NotAPicture
from knowledge.text.links import wrong_with

TEXT_LIMIT = 500_000  # characters


def _posted_by_author(request: HttpRequest) -> None:
    if not may_write(request.user) or request.method != "POST":
        raise PermissionDenied


def preview(request: HttpRequest) -> HttpResponse:
    """The text as readers would see it."""
    _posted_by_author(request)
    return HttpResponse(images.render_article(request.POST.get("body_md", "")[:TEXT_LIMIT]))


def checks(request: HttpRequest) -> HttpResponse:
    """Remarks on the text, and published articles that say much the same."""
    _posted_by_author(request)
    title, text = request.POST.get("title", "")[:200], request.POST.get("body_md", "")[:TEXT_LIMIT]
    remarks = check(text, title, wrong_with)
    context: dict[str, Any] = {
        "remarks": [each for each in remarks if each.level != "info"],
        "notes": [each for each in remarks if each.level == "info"],
        "similar": similar(title, text, whole(request.POST.get("article", ""))),
        "empty": not text.strip(),
    }
    return render(request, "admin/knowledge/article/_remarks.html", context)


def upload(request: HttpRequest) -> JsonResponse:
    """Keep a pasted picture; answers with the Markdown to insert, or with `error` in words."""
    _posted_by_author(request)
    file = request.FILES.get("image")
    if file is None:
        return JsonResponse({"error": "No picture arrived."}, status=422)
    try:
        # One byte more than allowed tells that it is too large without reading the rest.
        image = images.keep(file.read(settings.ARTICLE_IMAGE_MAX_BYTES + 1), by=request.user)
    except images.TooLarge as error:
        return JsonResponse({"error": str(error)}, status=413)
    except NotAPicture as error:
        return JsonResponse({"error": str(error)}, status=422)
    address, words = images.address(image), images.words_of(file.name or "")
    return JsonResponse({"url": address, "alt": words, "markdown": f"![{words}]({address})"})
