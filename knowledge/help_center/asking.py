"""Search, suggestions for the contact form, the way to that form: pages that differ for each visitor."""

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
from config.web.public_site import VISIT_SALT
from knowledge.help_center import addresses, answers, public_articles, recording, visits
from knowledge.help_center.pages import not_found, page_context, private_page
from knowledge.models import HelpVisit

SEARCHES = 60  # a minute and client
SUGGESTED = 3
LIVE = 6  # results below the field while the visitor types
PASSED_ON = 8  # articles that the contact form lists as read


def _part_only(request: HttpRequest) -> bool:
    """A script asks for the list of results without the page around it."""
    return request.headers.get("HX-Request") == "true"


def _allowed(request: HttpRequest) -> bool:
    return limits.within("help.search", limits.client(request), SEARCHES, 60)


@require_safe
def search(request: HttpRequest, language: str) -> HttpResponse:
    available = public_articles.languages()
    if not public_articles.served(language, available):
        return not_found(request, language)
    query = answers.clean(request.GET.get("q", ""))
    part = _part_only(request)
    context = page_context(language, available) | {"query": query, "found": None}
    if not _allowed(request):
        return _too_many(request, context, part)
    if len(query) >= answers.MIN_LENGTH:
        found = answers.find(query, language, LIVE if part else answers.ANSWERS)
        context |= {"found": found, "record_token": recording.token(query, language, found)}
        context |= {"record_url": reverse("help:record_search", args=[language])}
    return private_page(request, "help/_panel.html" if part else "help/search.html", context)


def _too_many(request: HttpRequest, context: dict[str, Any], part: bool) -> HttpResponse:
    context |= {"too_many": True}
    response = private_page(request, "help/_panel.html" if part else "help/search.html", context, status=429)
    response.headers["Retry-After"] = "60"
    return response


@require_safe
def suggest(request: HttpRequest, language: str) -> HttpResponse:
    """Up to three articles for a subject while it is typed, none that was read already (`read=`). Records nothing."""
    available = public_articles.languages()
    shown = language if public_articles.served(language, available) else public_articles.default_language(available)
    query = answers.clean(request.GET.get("q", ""))
    context = page_context(shown, available) | {"query": query, "answers": []}
    if not _allowed(request):
        return private_page(request, "help/_suggest.html", context, status=429)
    if len(query) > answers.MIN_LENGTH:
        read = set(request.GET.getlist("read"))
        found = answers.find(query, shown, LIVE, via="contact").answers
        context["answers"] = [each for each in found if str(each.article_id) not in read][:SUGGESTED]
    return private_page(request, "help/_suggest.html", context)


@require_safe
def to_contact(request: HttpRequest, language: str) -> HttpResponse:
    """To the contact form, with what was read and searched in a signed list. The form shows it to the visitor."""
    visit = visits.current(request)
    read = _read(request, visit)
    last = visit.searches.filter(searched_at__gte=timezone.now() - visits.RECENT).first() if visit else None
    passed_on = {"read": read, "query": last.query if last else "", "visit": str(visit.key) if visit else ""}
    try:
        address = reverse("contact")
    except NoReverseMatch:  # no form in this installation
        return redirect(addresses.home(language))
    query = urlencode({"lang": language, "read": signing.dumps(passed_on, salt=VISIT_SALT, compress=True)})
    response = redirect(f"{address}?{query}")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _read(request: HttpRequest, visit: HelpVisit | None) -> list[list[Any]]:
    """`[id, title]` of public articles, the one whose page led here first."""
    here = whole(request.GET.get("article", ""))
    ids = [] if here is None else [here]
    if visit:
        ids += visits.recently_read(visit, timezone.now() - visits.RECENT, PASSED_ON)
    there = public_articles.entries(ids)
    return [[each, there[each].title] for each in dict.fromkeys(ids) if each in there][:PASSED_ON]
