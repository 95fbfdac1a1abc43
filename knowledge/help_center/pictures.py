"""Pictures of public articles. One that only internal articles show is a 404."""

import re

from django.http import FileResponse, HttpRequest, HttpResponseNotFound
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from knowledge.help_center import public_articles
from knowledge.models import ArticleImage

TYPES = {"image/png", "image/jpeg", "image/gif", "image/webp"}
SHA256 = re.compile(r"[0-9a-f]{64}")


@require_safe
def picture(request: HttpRequest, sha256: str) -> HttpResponseBase:
    found = ArticleImage.objects.filter(sha256=sha256).first() if SHA256.fullmatch(sha256) else None
    if found is None or found.content_type not in TYPES:
        return HttpResponseNotFound()
    if not public_articles.public().filter(published__body_md__contains=sha256).exists():
        return HttpResponseNotFound()
    try:
        response = FileResponse(found.file.open("rb"), content_type=found.content_type)
    except OSError:
        return HttpResponseNotFound()
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
