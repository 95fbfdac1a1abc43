"""Addresses of articles, categories and home pages. Pure."""

from django.urls import reverse
from django.utils.text import slugify

SLUG_LIMIT = 80
NO_CATEGORY = "other"


def slug(title: str) -> str:
    """ASCII letters of the title, cut between words; "" for a title without any."""
    whole = slugify(title)
    if len(whole) <= SLUG_LIMIT:
        return whole
    return whole[: SLUG_LIMIT + 1].rpartition("-")[0] or whole[:SLUG_LIMIT]


def article(language: str, article_id: int, title: str) -> str:
    words = slug(title)
    if not words:
        return reverse("help:article_plain", args=[language, article_id])
    return reverse("help:article", args=[language, article_id, words])


def category_slug(category: str) -> str:
    return slugify(category.replace("_", "-"), allow_unicode=True) or NO_CATEGORY


def category(language: str, name: str) -> str:
    return reverse("help:category", args=[language, category_slug(name)])


def home(language: str) -> str:
    return reverse("help:front", args=[language])
