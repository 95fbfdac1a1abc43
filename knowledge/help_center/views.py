"""Home page, category, article. They set no cookie, need no script and are the same for everybody."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from config.web.public_site import language_name
from knowledge.help_center import addresses, answers, public_articles, reading
from knowledge.help_center.categories import category_name
from knowledge.help_center.pages import not_found, page_context, public_page
from knowledge.models import Article

SHOWN = 4  # articles of a category on the home page
POPULAR = 6


@dataclass(frozen=True)
class Category:
    """With its articles, the most read first."""

    name: str
    url: str
    entries: list[public_articles.Entry]

    @property
    def shown(self) -> list[public_articles.Entry]:
        return self.entries[:SHOWN]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """To the home page of the browser's language, if that has articles."""
    available = public_articles.languages()
    wanted = [code.split("-")[0] for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
    chosen = next((code for code in wanted if code in available), public_articles.default_language(available))
    response = redirect(addresses.home(chosen))
    response.headers["Vary"] = "Accept-Language"
    response.headers["Cache-Control"] = "no-cache"
    return response


@require_safe
def front(request: HttpRequest, language: str) -> HttpResponse:
    available = public_articles.languages()
    if not public_articles.served(language, available):
        return not_found(request, language)
    entries = public_articles.listing(language, available)
    read = sorted((each for each in entries if each.reads), key=lambda each: (-each.reads, each.title))
    context = page_context(language, available, {each: addresses.home(each) for each in available}) | {
        "categories": _categories(entries, language),
        "popular": read[:POPULAR],
        "canonical": request.build_absolute_uri(addresses.home(language)),
        "count": len(entries),
        "untranslated": _untranslated(entries, language),
    }
    return public_page(request, "help/home.html", context)


def _untranslated(entries: list[public_articles.Entry], language: str) -> str:
    """The language of the listed articles that are not in the page's own; "" if all are."""
    other = next((each for each in entries if each.language != language), None)
    return other.language_name if other else ""


def _categories(entries: list[public_articles.Entry], language: str) -> list[Category]:
    """Largest first. Categories whose names lead to the same address are one."""
    found: dict[str, list[public_articles.Entry]] = defaultdict(list)
    for entry in entries:
        found[addresses.category_slug(entry.category)].append(entry)
    categories = [
        Category(
            category_name(held[0].category, language),
            addresses.category(language, held[0].category),
            sorted(held, key=lambda each: (each.language != language, -each.reads, each.title.casefold())),
        )
        for held in found.values()
    ]
    return sorted(categories, key=lambda each: (-len(each.entries), each.name))


@require_safe
def category(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    available = public_articles.languages()
    entries = [
        each for each in public_articles.listing(language, available) if addresses.category_slug(each.category) == slug
    ]
    if not entries:
        return not_found(request, language)
    context = page_context(language, available) | {
        "name": category_name(entries[0].category, language),
        "entries": sorted(entries, key=lambda each: (each.language != language, each.title.casefold())),
        "canonical": request.build_absolute_uri(addresses.category(language, entries[0].category)),
        "untranslated": _untranslated(entries, language),
    }
    return public_page(request, "help/category.html", context)


@require_safe
def article(request: HttpRequest, language: str, article_id: int, slug: str = "") -> HttpResponse:
    found = public_articles.get(article_id)
    if found is None or found.published is None:
        return not_found(request, language)
    address = addresses.article(found.language, found.pk, found.published.title)
    if request.path != address:
        return _moved(request, address)
    return public_page(request, "help/article.html", _article(request, found, address), modified=found.published_at)


def _article(request: HttpRequest, found: Article, address: str) -> dict[str, Any]:
    revision = found.published
    assert revision is not None  # public articles have one
    versions = {
        code: addresses.article(code, each.pk, each.published.title)
        for code, each in public_articles.versions(found).items()
        if each.published
    }
    return page_context(found.language, public_articles.languages(), versions) | {
        "article": found,
        "title": revision.title,
        "text": reading.text_of(revision, found.language),
        "category_name": category_name(found.category, found.language),
        "category_url": addresses.category(found.language, found.category),
        "canonical": request.build_absolute_uri(address),
        "related": answers.related(found),
        "contact_url": f"{reverse('help:to_contact', args=[found.language])}?article={found.pk}",
        "versions": [(code, language_name(code), url) for code, url in versions.items() if code != found.language],
    }


def _moved(request: HttpRequest, address: str) -> HttpResponse:
    """The title or the language changed. Browsers may not cache this: after a change back they would redirect in a
    circle."""
    came_from = {"from": request.GET["from"]} if request.GET.get("from") in {"search", "contact"} else {}
    response = redirect(address + (f"?{urlencode(came_from)}" if came_from else ""), permanent=True)
    response.headers["Cache-Control"] = "no-cache"
    return response
