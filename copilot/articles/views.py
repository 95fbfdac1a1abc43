"""The copilot's panels on an article's form, fetched by URL: what it was used for, what its text would answer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from config.numbers import whole
from copilot.articles.try_article import SHOWN, try_text
from copilot.articles.usage import report
from copilot.articles.usage_chart import weeks
from knowledge.access import curator_required
from knowledge.hygiene.usage import DAYS, period
from knowledge.index.embeddings import EmbedderUnavailable
from knowledge.models import Article

PERIODS = (30, DAYS, 365)


@require_GET
@curator_required
def article_usage(request: HttpRequest, article_id: int) -> HttpResponse:
    """Drafts that had the article as a source. Only members who may open tickets see their subjects."""
    article = get_object_or_404(Article.objects.only("id", "title"), pk=article_id)
    chosen = request.GET.get("days", "")
    days = int(chosen) if chosen in {str(each) for each in PERIODS} else DAYS
    found = report(article.pk, period(timezone.now(), days))
    context = {
        "article": article,
        "report": found,
        "chart": weeks(found.weeks),
        "days": days,
        "periods": PERIODS,
    }
    return render(request, "copilot/_article_usage.html", context)


@require_POST
@curator_required
def try_article(request: HttpRequest) -> HttpResponse:
    """Which of last month's questions the posted text would answer. Writes nothing."""
    context: dict[str, object] = {"shown": SHOWN}
    try:
        context["trial"] = try_text(
            request.POST.get("title", "")[:200],
            request.POST.get("body_md", ""),
            whole(request.POST.get("article", "")),
        )
    except EmbedderUnavailable as error:
        context["error"] = str(error)
    return render(request, "copilot/_try_article.html", context)
