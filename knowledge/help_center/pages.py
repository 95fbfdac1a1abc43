"""How public pages are rendered, and what browsers may cache: they ask each time, and get a page only if it changed."""

import hashlib
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import http_date

from config.web.public_site import Switch, base_context, language_name
from knowledge.help_center import addresses, public_articles

DATES = {"en": "en-gb"}  # 24 Jul 2026, not Jul. 24
# Cached, but checked each time: an article that was withdrawn is gone at the next click, not an hour later.
REVALIDATE = "public, max-age=0, must-revalidate"


def public_page(
    request: HttpRequest, template: str, context: dict[str, Any], *, modified: datetime | None = None
) -> HttpResponse:
    """The same bytes for everybody, so that any cache may keep them: no cookie, nothing about the visitor."""
    response = _render(request, template, context)
    etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    unchanged = get_conditional_response(
        request, etag=etag, last_modified=int(modified.timestamp()) if modified else None, response=response
    )
    answer = unchanged or response
    answer.headers["ETag"] = etag
    answer.headers["Cache-Control"] = REVALIDATE
    if modified:
        answer.headers["Last-Modified"] = http_date(int(modified.timestamp()))
    return answer


def _render(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """In the language of the page, which comes from its address and not from the browser."""
    with translation.override(DATES.get(context["ui"], context["ui"])):
        return render(request, template, context, status=status)


def private_page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page for one visitor: no cache keeps it, no search engine lists it."""
    response = _render(request, template, context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def page_context(language: str, available: list[str], versions: dict[str, str] | None = None) -> dict[str, Any]:
    """What every page of a language needs. `versions`: addresses of this page by language; else the switch leads to
    the home page of each language."""
    places = versions or {}
    switches = [
        Switch(each, language_name(each), places.get(each) or addresses.home(each), each == language)
        for each in dict.fromkeys([*available, language])
    ]
    return base_context(language, switches) | {
        "alternates": sorted(places.items()) if len(places) > 1 else [],
        "home_url": addresses.home(language),
        "search_url": reverse("help:search", args=[language]),
        "contact_url": reverse("help:to_contact", args=[language]),
    }


def not_found(request: HttpRequest, language: str = "") -> HttpResponse:
    """404 with a search field. It does not tell whether the address exists for others."""
    available = public_articles.languages()
    shown = language if public_articles.served(language, available) else public_articles.default_language(available)
    response = _render(request, "help/not_found.html", page_context(shown, available), status=404)
    response.headers["Cache-Control"] = "no-store"
    return response
