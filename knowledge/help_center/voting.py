"""“Was this article helpful?” on a page of its own: the article's page stays the same for all and sets no cookie."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from config.web import limits
from knowledge.help_center import addresses, public_articles, visits
from knowledge.help_center.pages import not_found, page_context, private_page
from knowledge.models import Article, HelpVisit

VOTES = 30  # an hour and client
ANSWERS = {"yes": True, "no": False}


@require_http_methods(["GET", "HEAD", "POST"])
def vote(request: HttpRequest, language: str, article_id: int) -> HttpResponse:
    """GET asks, with the answer chosen on the article's page; POST saves it. A second vote replaces the first."""
    found = public_articles.get(article_id)
    if found is None or found.published is None:
        return not_found(request, language)
    part = request.headers.get("HX-Request") == "true"
    chosen = (request.POST if request.method == "POST" else request.GET).get("helped", "")
    too_many = False
    if request.method == "POST" and chosen in ANSWERS:
        too_many = not limits.within("help.vote", limits.client(request), VOTES, 3600)
        if not too_many:
            visit = visits.current_or_new(request)
            visits.vote(visit, found, ANSWERS[chosen], request.POST.get("comment", ""))
            response = redirect("help:vote", found.language, found.pk) if not part else _form(request, found, visit)
            visits.set_cookie(response, visit)
            return response
    return _form(request, found, visits.current(request), chosen, too_many)


def _form(
    request: HttpRequest, found: Article, visit: HelpVisit | None, chosen: str = "", too_many: bool = False
) -> HttpResponse:
    assert found.published  # checked by the view
    mine = visit.votes.filter(article=found).first() if visit else None
    part = request.headers.get("HX-Request") == "true"
    context = page_context(found.language, public_articles.languages()) | {
        "article": found,
        "title": found.published.title,
        "article_url": addresses.article(found.language, found.pk, found.published.title),
        "mine": mine,
        "change": bool(request.GET.get("change")),
        "chosen": chosen if chosen in ANSWERS else "",
        "too_many": too_many,
    }
    template = "help/_vote.html" if part else "help/vote.html"
    return private_page(request, template, context, status=429 if too_many else 200)
