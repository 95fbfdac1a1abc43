"""The translated texts of the scripts: one file for each language, kept by browsers until a text changes."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

SOURCE = "en"  # the language that the texts are written in: its scripts need no file


class Catalog(JavaScriptCatalog):
    """Only our own texts: Django's view would add those of its admin."""

    packages = ["copydesk"]

    def get_paths(self, packages: list[str]) -> list[str]:
        return [str(folder) for folder in settings.LOCALE_PATHS]


@require_safe
def texts(request: HttpRequest, language: str, version: str) -> HttpResponseBase:
    """A script that defines `django.gettext` and so on, for static/js/page/texts.js."""
    if language not in dict(settings.LANGUAGES) or version != version_of(language):
        raise Http404
    with translation.override(language):
        response = Catalog.as_view()(request)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def address_of(language: str) -> str:
    """Where a page in `language` loads the texts of its scripts; "" where it needs none."""
    if language == SOURCE or language not in dict(settings.LANGUAGES):
        return ""
    return reverse("texts", args=[language, version_of(language)])


@lru_cache
def version_of(language: str) -> str:
    """Another one after each change of the compiled texts. Read once: they change with a release."""
    file = Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "djangojs.mo"
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.exists() else "none"


def context(request: HttpRequest) -> dict[str, Any]:
    """For templates: the language of the page and the address of its scripts' texts."""
    language = translation.get_language() or SOURCE
    return {"LANGUAGE_CODE": language, "SCRIPT_TEXTS": address_of(language)}
