"""The language of the pages: a member's own choice, else the browser's, else DEFAULT_LANGUAGE.

Public pages (help center, contact form) speak the language of their article or address instead; their views set it.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation.trans_real import parse_accept_lang_header

PUBLIC = ("/help/", "/contact/", "/health", "/sitemap.xml", "/robots.txt", "/texts/")


class PageLanguage(MiddlewareMixin):
    """Activates the language of each request. Public pages never touch the session, so that they stay cacheable."""

    def process_request(self, request: HttpRequest) -> None:
        public = request.path_info.startswith(PUBLIC)
        translation.activate(settings.LANGUAGE_CODE if public else language_of(request))

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if not request.path_info.startswith(PUBLIC):
            patch_vary_headers(response, ("Accept-Language",))
        return response


def language_of(request: HttpRequest) -> str:
    """One of DESK_LANGUAGES. Somebody without a session cookie costs no query."""
    chosen = getattr(request.user, "language", "") if settings.SESSION_COOKIE_NAME in request.COOKIES else ""
    return desk_language(chosen) if chosen else browser_language(request.headers.get("Accept-Language", ""))


def browser_language(accepted: str) -> str:
    """The first of DESK_LANGUAGES that an Accept-Language header names: German for `fr, de;q=0.8`. Else the default."""
    codes = (code.split("-")[0] for code, quality in parse_accept_lang_header(accepted) if quality)
    return next((code for code in codes if code in settings.DESK_LANGUAGES), settings.LANGUAGE_CODE)


def desk_language(language: str) -> str:
    """`language` if every page of the desk is translated into it, else the default. Also for mail to members."""
    return language if language in settings.DESK_LANGUAGES else settings.LANGUAGE_CODE
