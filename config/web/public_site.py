"""What all public pages share: name, links, languages, the cookie of a visit, the context of their base template."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

VISIT_COOKIE = "help_visit"
VISIT_SALT = "help.read"  # signs what the help center passes to the contact form: the articles read, the last search
DEFAULT = "en"
NAMES = {  # each language as its speakers call it
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "it": "Italiano",
    "nl": "Nederlands",
    "pt": "Português",
    "pl": "Polski",
    "sv": "Svenska",
    "da": "Dansk",
    "cs": "Čeština",
    "tr": "Türkçe",
    "ja": "日本語",
    "ko": "한국어",
    "zh": "中文",
    "ru": "Русский",
}


class Link(NamedTuple):
    name: str
    url: str


class Switch(NamedTuple):
    """One entry of the language switch."""

    language: str
    name: str
    url: str
    current: bool


def title() -> str:
    return settings.HELP_TITLE or settings.SUPPORT_NAME


def ui_languages() -> list[str]:
    """The languages that the texts of the public pages are translated into."""
    return [code for code, _ in settings.LANGUAGES]


def ui_language(language: str) -> str:
    """The language of the texts around an article in `language`, which may be one that we do not translate into."""
    return language if language in ui_languages() else DEFAULT


def language_name(language: str) -> str:
    return NAMES.get(language, language)


def parse_link(written: str) -> Link | None:
    """`Status=https://status.company.com`; None for anything else."""
    name, _, url = written.partition("=")
    parts = urlsplit(url.strip())
    valid = name.strip() and parts.scheme in {"http", "https"} and parts.hostname
    return Link(name.strip(), url.strip()) if valid else None


def links() -> list[Link]:
    return [link for written in settings.HELP_LINKS if (link := parse_link(written))]


def visit_key(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.COOKIES.get(VISIT_COOKIE, ""))
    except ValueError:
        return None


def base_context(language: str, switches: Sequence[Switch] = ()) -> dict[str, Any]:
    """The context of templates/help/base.html. Whoever renders it activates the language `ui`."""
    return {
        "lang": language,
        "ui": ui_language(language),
        "site_title": title(),
        "site_links": links(),
        "site_logo": bool(settings.HELP_LOGO),
        "switches": switches if len(switches) > 1 else (),
    }
