"""Two POSTs, sent by a page's script, record what a visitor searched and opened. Looking at a page writes nothing.

Without scripts nothing is recorded: the figures show fewer visits and fewer answered ones, never more.
The search page carries a signed token of what was found, so that a browser cannot invent a search.
"""

from django.core import signing
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from config.web import limits
from knowledge.help_center import answers, public_articles, visits
from knowledge.help_center.masking import mask

SALT = "help.found"
TOKEN_AGE = 600  # seconds from the search to its record
RECORDS = 120  # a minute and client


def token(query: str, language: str, found: answers.Found) -> str:
    """Masked before it is signed, because it travels through the page and back."""
    return signing.dumps([mask(query)[:300], language, len(found.answers), found.best_score], salt=SALT)


def _allowed(request: HttpRequest) -> bool:
    return limits.within("help.record", limits.client(request), RECORDS, 60)


# Public pages are the same bytes for everybody, so they hold no CSRF token. Another site gains nothing by a forged
# request: what is recorded is signed by us, and the cookie is not sent along from elsewhere (SameSite=Lax).
@csrf_exempt
@require_POST
def record_search(request: HttpRequest, language: str) -> HttpResponse:
    """The first search of a browser starts its visit and sets the cookie."""
    response = HttpResponse(status=204)
    try:
        query, asked_in, found, best = signing.loads(request.POST.get("token", ""), salt=SALT, max_age=TOKEN_AGE)
    except (signing.BadSignature, ValueError):
        return HttpResponse(status=400)
    if not _allowed(request):
        return HttpResponse(status=429)
    try:
        visit = visits.current_or_new(request)
        visits.record_search(visit, query, asked_in, found, best)
    except DatabaseError as error:
        visits.log_failure("a search", error)
        return response
    visits.set_cookie(response, visit)
    return response


@csrf_exempt
@require_POST
def record_read(request: HttpRequest, language: str, article_id: int) -> HttpResponse:
    """Only for visitors who have searched or voted: reading alone starts no visit."""
    found = public_articles.get(article_id)
    if found is None or not _allowed(request):
        return HttpResponse(status=204)
    try:
        visit = visits.current(request)
        if visit:
            visits.record_read(visit, found, via_search=request.POST.get("from") == "search")
    except DatabaseError as error:
        visits.log_failure("a read", error)
    return HttpResponse(status=204)
