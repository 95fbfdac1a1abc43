"""Home, category, article: plain reading. Sets no cookie, needs no script, is the same for everybody."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_safe

from config.web.public_site import language_name, ui_language
from knowledge.help_center import addresses, answers, public_articles, reading
from knowledge.help_center.pages import around, not_here, page
from knowledge.help_center.texts import TEXTS, category_name
from knowledge.models import Article

SHOWN = 4  # articles of a category on the home page
MOST_READ = 6


@dataclass(frozen=True)
class Shelf:
    """A category with its articles, the most read first."""

    name: str
    url: str
    entries: list[public_articles.Entry]

    @property
    def shown(self) -> list[public_articles.Entry]:
        return self.entries[:SHOWN]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """To the home of the reader's language, if it has articles."""
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
        return not_here(request, language)
    entries = public_articles.listing(language, available)
    read = sorted((each for each in entries if each.reads), key=lambda each: (-each.reads, each.title))
    context = around(language, available, {each: addresses.home(each) for each in available}) | {
        "shelves": _shelves(entries, language),
        "most_read": read[:MOST_READ],
        "canonical": request.build_absolute_uri(addresses.home(language)),
        "count": len(entries),
        "untranslated": _untranslated(entries, language),
    }
    return page(request, "help/home.html", context)


def _untranslated(entries: list[public_articles.Entry], language: str) -> str:
    """The sentence that explains the mark of articles in another language, where a list has such."""
    other = next((each for each in entries if each.language != language), None)
    return TEXTS[ui_language(language)]["not_translated"].format(other.tongue) if other else ""


def _shelves(entries: list[public_articles.Entry], language: str) -> list[Shelf]:
    """Categories by the number of their articles. Names that share an address share a shelf."""
    found: dict[str, list[public_articles.Entry]] = defaultdict(list)
    for entry in entries:
        found[addresses.category_slug(entry.category)].append(entry)
    shelves = [
        Shelf(
            category_name(held[0].category, ui_language(language)),
            addresses.category(language, held[0].category),
            sorted(held, key=lambda each: (each.language != language, -each.reads, each.title.casefold())),
        )
        for held in found.values()
    ]
    return sorted(shelves, key=lambda each: (-len(each.entries), each.name))


@require_safe
def category(request: HttpRequest, language: str, slug: str) -> HttpResponse:
    available = public_articles.languages()
    entries = [
        each for each in public_articles.listing(language, available) if addresses.category_slug(each.category) == slug
    ]
    if not entries:
        return not_here(request, language)
    name = category_name(entries[0].category, ui_language(language))
    context = around(language, available) | {
        "name": name,
        "entries": sorted(entries, key=lambda each: (each.language != language, each.title.casefold())),
        "canonical": request.build_absolute_uri(addresses.category(language, entries[0].category)),
        "untranslated": _untranslated(entries, language),
    }
    return page(request, "help/category.html", context)


@require_safe
def article(request: HttpRequest, language: str, article_id: int, slug: str = "") -> HttpResponse:
    found = public_articles.get(article_id)
    if found is None or found.published is None:
        return not_here(request, language)
    address = addresses.article(found.language, found.pk, found.published.title)
    if request.path != address:
        return _moved(request, address)
    return page(request, "help/article.html", _article(request, found, address), modified=found.published_at)


def _article(request: HttpRequest, found: Article, address: str) -> dict[str, Any]:
    revision = found.published
    assert revision is not None  # public articles have one
    versions = public_articles.versions(found)
    here = {
        code: addresses.article(code, each.pk, each.published.title)
        for code, each in versions.items()
        if each.published
    }
    text = reading.text_of(revision)
    return around(found.language, public_articles.languages(), here) | {
        "article": found,
        "title": revision.title,
        "text": text,
        "category_name": category_name(found.category, ui_language(found.language)),
        "category_url": addresses.category(found.language, found.category),
        "canonical": request.build_absolute_uri(address),
        "related": answers.related(found),
        "contact_url": f"{reverse('help:to_contact', args=[found.language])}?article={found.pk}",
        "versions": [(code, language_name(code), url) for code, url in here.items() if code != found.language],
    }


def _moved(request: HttpRequest, address: str) -> HttpResponse:
    """The title or the language changed. Asked for each time: it may change back, and then there would be a circle."""
    came_from = {"from": request.GET["from"]} if request.GET.get("from") in {"search", "contact"} else {}
    response = redirect(address + (f"?{urlencode(came_from)}" if came_from else ""), permanent=True)
    response.headers["Cache-Control"] = "no-cache"
    return response
