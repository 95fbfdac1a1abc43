"""Reading an article and searching by hand, for everyone on the team."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from knowledge.access import get_article, may_write, reader_required
from knowledge.freshness import freshness
from knowledge.rendering import render as render_markdown
from knowledge.search import search as search_passages

HITS = 5


@require_GET
@reader_required
def article(request: HttpRequest, article_id: int) -> HttpResponse:
    """What is published; an author also sees an article that is not."""
    found = get_article(request.user, article_id)
    shown = found.published or found.revisions.first()
    context = {
        "article": found,
        "revision": shown,
        "html": render_markdown(shown.body_md if shown else found.body_md),
        "freshness": freshness(found.review_by, found.expires_at, timezone.now()),
        "may_write": may_write(request.user),
    }
    return render(request, "knowledge/article.html", context)


@require_GET
@reader_required
def search(request: HttpRequest) -> HttpResponse:
    """The hits for the context pane; opened directly, the page around them."""
    query = request.GET.get("q", "").strip()
    context = {
        "q": query,
        "result": search_passages(
            query, limit=HITS, language=request.GET.get("language", ""), category=request.GET.get("category", "")
        )
        if query
        else None,
        "now": timezone.now(),
    }
    partial = bool(getattr(request, "htmx", False))
    return render(request, "knowledge/_hits.html" if partial else "knowledge/search.html", context)
