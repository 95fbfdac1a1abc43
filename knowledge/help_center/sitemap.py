"""What search engines may find: public home pages, categories and articles; nothing of the desk."""

from datetime import datetime
from typing import NamedTuple

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap as render_sitemap
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from knowledge.help_center import addresses, public_articles

# The longest match decides (RFC 9309): the help center may be crawled, everything else may not.
ROBOTS = """User-agent: *
Disallow: /
Allow: /help/
Allow: /static/
Allow: /sitemap.xml
Disallow: /help/*/search
Disallow: /help/*/suggest
Disallow: /help/*/contact
Disallow: /help/*/vote

Sitemap: {sitemap}
"""


class Place(NamedTuple):
    path: str
    changed: datetime | None


class HelpSitemap(Sitemap):
    limit = 5000

    def items(self) -> list[Place]:
        rows = (
            public_articles.public()
            .order_by("pk")
            .values_list("pk", "language", "category", "published__title", "published_at")
        )
        places: dict[str, Place] = {}
        for article_id, language, category, title, changed in rows.iterator():
            for path in (addresses.home(language), addresses.category(language, category)):
                places.setdefault(path, Place(path, None))
            path = addresses.article(language, article_id, title)
            places[path] = Place(path, changed)
        return list(places.values())

    def location(self, item: Place) -> str:  # type: ignore[override]
        return item.path

    def lastmod(self, item: Place) -> datetime | None:
        return item.changed


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    return render_sitemap(request, {"help": HelpSitemap})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    content = ROBOTS.format(sitemap=request.build_absolute_uri(reverse("sitemap")))
    return HttpResponse(content, content_type="text/plain; charset=utf-8", headers={"Cache-Control": "max-age=3600"})
