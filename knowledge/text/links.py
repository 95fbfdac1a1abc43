"""Whether an address of our own leads to an article that readers find there."""

import re

from django.urls import Resolver404, resolve

from knowledge.models import Article, ArticleImage

OURS = re.compile(r"^/(?:help|knowledge|contact)(?:/|$)")


def wrong_with(path: str) -> str:
    """For checks.check: "" if the path is fine, else why not, in words. At most one query."""
    if not OURS.match(path):
        return "" if _is_there(path) else "no page of Copydesk has this address."
    try:
        match = resolve(path)
    except Resolver404:
        return "there is no such page."
    if "article_id" in match.kwargs:
        return _article(match.kwargs["article_id"], for_customers=path.startswith("/help/"))
    if match.url_name == "image" and not ArticleImage.objects.filter(sha256=match.kwargs["sha256"]).exists():
        return "this picture is not kept here."
    return ""


def _article(article_id: int, for_customers: bool) -> str:
    if article_id > 1 << 62:
        return "there is no such article."
    article = Article.objects.filter(pk=article_id).only("title", "state", "audience", "published_id").first()
    if article is None:
        return "there is no such article."
    if article.state != Article.State.APPROVED or article.published_id is None:
        return f"“{article.title}” is not published."
    if for_customers and article.audience != Article.Audience.PUBLIC:
        return f"“{article.title}” is for agents only: customers do not find it."
    return ""


def _is_there(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
