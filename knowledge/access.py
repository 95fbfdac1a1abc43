"""Who may read and who may write articles. Views get articles only through these functions."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404

from config.roles import Capability, may
from config.web.access import require
from knowledge.models import Article, ArticleQuerySet

# All members read articles. “Internal” means the whole team.
reader_required = require(Capability.READ_ARTICLES)
# Gaps, hygiene and the sandbox: authors may change them, others may look.
curator_required = require(Capability.WRITE_ARTICLES, to_look=Capability.LOOK_AT_KNOWLEDGE)


def may_write(user: Any) -> bool:
    return may(user, Capability.WRITE_ARTICLES)


def readable_articles(user: Any) -> ArticleQuerySet:
    """Authors see drafts too. Everyone else sees published articles, expired or not."""
    if may_write(user):
        return Article.objects.all()
    if may(user, Capability.READ_ARTICLES):
        return Article.objects.filter(state=Article.State.APPROVED, published__isnull=False)
    return Article.objects.none()


def get_article(user: Any, article_id: int) -> Article:
    """The article, or 404, so that nobody learns of an article that he may not read."""
    found = readable_articles(user).select_related("published", "owner").filter(pk=article_id).first()
    if found is None:
        raise Http404
    return found


def get_article_to_write(user: Any, article_id: int) -> Article:
    """For changing the article. Only for authors."""
    if not may_write(user):
        raise PermissionDenied
    return get_article(user, article_id)
