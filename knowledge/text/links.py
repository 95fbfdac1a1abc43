"""Does a link to a page of Copydesk lead to something that readers can open?"""

import re

from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from knowledge.models import Article, ArticleImage

OURS = re.compile(r"^/(?:help|knowledge|contact)(?:/|$)")


def problem_with(path: str) -> str:
    """For checks.check: "" if the path is fine, else the problem as a sentence. At most one query."""
    if not OURS.match(path):
        return "" if _is_there(path) else _("Copydesk has no page with this address.")
    try:
        match = resolve(path)
    except Resolver404:
        return _("This page does not exist.")
    if "article_id" in match.kwargs:
        return _article(match.kwargs["article_id"], for_customers=path.startswith("/help/"))
    if match.url_name == "image" and not ArticleImage.objects.filter(sha256=match.kwargs["sha256"]).exists():
        return _("This picture does not exist.")
    return ""


def _article(article_id: int, for_customers: bool) -> str:
    if article_id > 1 << 62:
        return _("This article does not exist.")
    article = Article.objects.filter(pk=article_id).only("title", "state", "audience", "published_id").first()
    if article is None:
        return _("This article does not exist.")
    if article.state != Article.State.APPROVED or article.published_id is None:
        return _("“%(title)s” is not published.") % {"title": article.title}
    if for_customers and article.audience != Article.Audience.PUBLIC:
        return _("“%(title)s” is internal. Customers cannot open it.") % {"title": article.title}
    return ""


def _is_there(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
