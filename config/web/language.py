"""The language of the pages: a member's own choice, else the browser's, else DEFAULT_LANGUAGE.

Public pages (help center, contact form) speak the language of their article or address instead; their views set it.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

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
    return desk_language(chosen or translation.get_language_from_request(request))


def desk_language(language: str) -> str:
    """`language` if every page of the desk is translated into it, else the default. Also for mail to members."""
    return language if language in settings.DESK_LANGUAGES else settings.LANGUAGE_CODE
