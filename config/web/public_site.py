"""What all public pages share: name, links, languages, the visit's cookie, the words around every page."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest

VISIT_COOKIE = "help_visit"
VISIT_SALT = "help.read"  # of the signed list that the help center hands to the contact form
DEFAULT = "en"
NAMES = {
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
FRAME: Mapping[str, Mapping[str, str]] = {
    "en": {
        "skip": "Skip to the content",
        "help_center": "Help center",
        "contact_us": "Contact us",
        "languages": "Language",
        "more_links": "More",
        "no_cookies": "This help center sets a cookie only when you search, vote or write to us.",
    },
    "de": {
        "skip": "Zum Inhalt springen",
        "help_center": "Hilfe",
        "contact_us": "Kontakt",
        "languages": "Sprache",
        "more_links": "Mehr",
        "no_cookies": "Diese Hilfe setzt ein Cookie nur, wenn Sie suchen, abstimmen oder uns schreiben.",
    },
    "es": {
        "skip": "Ir al contenido",
        "help_center": "Centro de ayuda",
        "contact_us": "Contacto",
        "languages": "Idioma",
        "more_links": "Más",
        "no_cookies": "Este centro de ayuda solo guarda una cookie si busca, vota o nos escribe.",
    },
    "fr": {
        "skip": "Aller au contenu",
        "help_center": "Centre d’aide",
        "contact_us": "Nous contacter",
        "languages": "Langue",
        "more_links": "Plus",
        "no_cookies": "Ce centre d’aide ne pose un cookie que si vous cherchez, votez ou nous écrivez.",
    },
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


def ui_language(language: str) -> str:
    """The language of the words around the content: one that we wrote them in."""
    return language if language in FRAME else DEFAULT


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


def frame(language: str, texts: Mapping[str, Mapping[str, str]], switches: Sequence[Switch] = ()) -> dict[str, Any]:
    """The context of templates/help/base.html; `texts` are the page's own words by language."""
    ui = ui_language(language)
    return {
        "lang": language,
        "ui": ui,
        "t": {**FRAME[ui], **texts[ui]},
        "site_title": title(),
        "site_links": links(),
        "site_logo": bool(settings.HELP_LOGO),
        "switches": switches if len(switches) > 1 else (),
    }
