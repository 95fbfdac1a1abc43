"""The two POSTs by which a page notes what was asked and what was opened. Looking at a page writes nothing.

Without a script nothing is noted: then there are fewer visits and fewer answered ones, never more.
The search hands its page a signed note of what it found, so that a browser cannot make up its own.
"""

from django.core import signing
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from config.web import limits
from knowledge.help_center import answers, public_articles, visits
from knowledge.help_center.masking import mask

SALT = "help.keep"
FRESH = 600  # seconds from the answer to its note
NOTES = 120  # a minute and client


def ticket(query: str, language: str, found: answers.Found) -> str:
    """Masked before it is signed: it travels through the page and back."""
    return signing.dumps([mask(query)[:300], language, len(found.answers), found.best_score], salt=SALT)


def _allowed(request: HttpRequest) -> bool:
    return limits.within("help.keep", limits.client(request), NOTES, 60)


# These pages are the same bytes for everybody, so they hold no token of Django's; there is nothing here that
# a foreign page could gain: what is noted is signed by us, and the cookie does not come along from elsewhere (Lax).
@csrf_exempt
@require_POST
def keep_search(request: HttpRequest, language: str) -> HttpResponse:
    """Begins the visit, with its cookie, at the first search."""
    response = HttpResponse(status=204)
    try:
        query, asked_in, found, best = signing.loads(request.POST.get("keep", ""), salt=SALT, max_age=FRESH)
    except (signing.BadSignature, ValueError):
        return HttpResponse(status=400)
    if not _allowed(request):
        return HttpResponse(status=429)
    try:
        visit = visits.begin(request)
        visits.keep_search(visit, query, asked_in, found, best)
    except DatabaseError as error:
        visits.quietly("a search", error)
        return response
    visits.remember(response, visit)
    return response


@csrf_exempt
@require_POST
def keep_read(request: HttpRequest, language: str, article_id: int) -> HttpResponse:
    """Only for visitors who have a visit already: reading alone starts none."""
    found = public_articles.get(article_id)
    if found is None or not _allowed(request):
        return HttpResponse(status=204)
    try:
        visit = visits.known(request)
        if visit:
            visits.keep_read(visit, found, via_search=request.POST.get("from") == "search")
    except DatabaseError as error:
        visits.quietly("a read", error)
    return HttpResponse(status=204)
