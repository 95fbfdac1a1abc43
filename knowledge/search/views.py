"""Read an article and search the knowledge base, for every member."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from knowledge.access import get_article, reader_required
from knowledge.articles.freshness import freshness
from knowledge.masking.forms import for_search
from knowledge.models import ArticleImage
from knowledge.search.retrieval import search as search_passages
from knowledge.text.images import extension, render_article

HITS = 5


@require_GET
@reader_required
def article(request: HttpRequest, article_id: int) -> HttpResponse:
    """The published text. Authors also see articles that are not published."""
    found = get_article(request.user, article_id)
    shown = found.published or found.revisions.first()
    context = {
        "article": found,
        "revision": shown,
        "html": render_article(shown.body_md if shown else found.body_md),
        "freshness": freshness(found.review_by, found.expires_at, timezone.now()),
    }
    return render(request, "knowledge/article.html", context)


@require_GET
@reader_required
def search(request: HttpRequest) -> HttpResponse:
    """A whole page, or only the hits for htmx."""
    query = request.GET.get("q", "").strip()
    context = {
        "q": query,
        "result": search_passages(
            for_search(query),
            limit=HITS,
            language=request.GET.get("language", ""),
            category=request.GET.get("category", ""),
        )
        if query
        else None,
        "now": timezone.now(),
    }
    partial = bool(getattr(request, "htmx", False))
    return render(request, "knowledge/_hits.html" if partial else "knowledge/search.html", context)


@require_safe
@reader_required
def image(request: HttpRequest, sha256: str, ext: str) -> HttpResponse:
    """A picture for members. Pictures in public articles have another address in the help center."""
    found = ArticleImage.objects.filter(sha256=sha256).first()
    if found is None or extension(found) != ext:
        raise Http404
    try:
        with found.file.open("rb") as file:
            content = file.read()
    except OSError as error:
        raise Http404 from error
    response = HttpResponse(content, content_type=found.content_type)
    # The name is a hash of the content, so the content never changes.
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
