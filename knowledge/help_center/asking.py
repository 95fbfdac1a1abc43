"""Search, suggestions for the contact form, the way to that form: the pages that know their visitor."""

from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from config.numbers import whole
from config.web import limits
from config.web.public_site import VISIT_SALT, ui_language
from knowledge.help_center import addresses, answers, public_articles, recording, visits
from knowledge.help_center.pages import around, not_here, own
from knowledge.help_center.texts import TEXTS, count
from knowledge.models import HelpVisit

SEARCHES = 60  # a minute and client
SUGGESTED = 3
LIVE = 6  # answers below the field
HANDED_OVER = 8  # articles


def _wanted(request: HttpRequest) -> bool:
    """A script asks for the part only."""
    return request.headers.get("HX-Request") == "true"


def _allowed(request: HttpRequest) -> bool:
    return limits.within("help.search", limits.client(request), SEARCHES, 60)


@require_safe
def search(request: HttpRequest, language: str) -> HttpResponse:
    available = public_articles.languages()
    if not public_articles.served(language, available):
        return not_here(request, language)
    query = answers.clean(request.GET.get("q", ""))
    part = _wanted(request)
    context = around(language, available) | {"query": query, "found": None}
    if not _allowed(request):
        return _too_many(request, context, part)
    if len(query) < answers.LEAST:
        return own(request, "help/_panel.html" if part else "help/search.html", context)
    found = answers.find(query, language, LIVE if part else answers.ANSWERS)
    context |= {"found": found, "count_words": count(TEXTS[ui_language(language)], len(found.answers))}
    context |= {"keep": recording.ticket(query, language, found), "keep_url": reverse("help:keep", args=[language])}
    return own(request, "help/_panel.html" if part else "help/search.html", context)


def _too_many(request: HttpRequest, context: dict[str, Any], part: bool) -> HttpResponse:
    context |= {"too_many": True}
    response = own(request, "help/_panel.html" if part else "help/search.html", context, status=429)
    response.headers["Retry-After"] = "60"
    return response


@require_safe
def suggest(request: HttpRequest, language: str) -> HttpResponse:
    """Up to three answers for a subject being typed, none of those that were read (`read=`). Nothing of it is kept."""
    available = public_articles.languages()
    shown = language if public_articles.served(language, available) else public_articles.default_language(available)
    query = answers.clean(request.GET.get("q", ""))
    context = around(shown, available) | {"query": query, "answers": []}
    if not _allowed(request):
        return own(request, "help/_suggest.html", context, status=429)
    if len(query) > answers.LEAST:
        read = set(request.GET.getlist("read"))
        found = answers.find(query, shown, LIVE, via="contact").answers
        context["answers"] = [each for each in found if str(each.article_id) not in read][:SUGGESTED]
    return own(request, "help/_suggest.html", context)


@require_safe
def to_contact(request: HttpRequest, language: str) -> HttpResponse:
    """To the contact form, with what was read and searched in a signed list that the visitor sees there."""
    visit = visits.known(request)
    read = _read(request, visit)
    last = visit.searches.filter(searched_at__gte=timezone.now() - visits.GAPS_FROM).first() if visit else None
    handed = {"read": read, "query": last.query if last else "", "visit": str(visit.key) if visit else ""}
    try:
        address = reverse("contact")
    except NoReverseMatch:  # no form in this installation
        return redirect(addresses.home(language))
    query = urlencode({"lang": language, "read": signing.dumps(handed, salt=VISIT_SALT, compress=True)})
    response = redirect(f"{address}?{query}")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _read(request: HttpRequest, visit: HelpVisit | None) -> list[list[Any]]:
    """`[id, title]` of public articles, the one whose page led here first."""
    here = whole(request.GET.get("article", ""))
    ids = [] if here is None else [here]
    if visit:
        ids += visits.lately_read(visit, timezone.now() - visits.GAPS_FROM, HANDED_OVER)
    there = public_articles.entries(ids)
    return [[each, there[each].title] for each in dict.fromkeys(ids) if each in there][:HANDED_OVER]
