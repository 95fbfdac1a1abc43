"""Who may read and who may write articles. Fetching is authorising: views get articles only here."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404

from config.roles import Capability, may
from config.web.access import require
from knowledge.models import Article, ArticleQuerySet

# Every member of the team reads articles; internal ones are internal to all of them.
reader_required = require(Capability.READ_ARTICLES)
# Gaps, hygiene, the sandbox: who may look and who may change.
curator_required = require(Capability.WRITE_ARTICLES, to_look=Capability.LOOK_AT_KNOWLEDGE)


def may_write(user: Any) -> bool:
    return may(user, Capability.WRITE_ARTICLES)


def readable_articles(user: Any) -> ArticleQuerySet:
    """Authors see their drafts too; everyone else what is published, expired or not."""
    if may_write(user):
        return Article.objects.all()
    if may(user, Capability.READ_ARTICLES):
        return Article.objects.filter(state=Article.State.APPROVED, published__isnull=False)
    return Article.objects.none()


def get_article(user: Any, article_id: int) -> Article:
    """The article, or 404: who may not read it does not learn that it exists."""
    found = readable_articles(user).select_related("published", "owner").filter(pk=article_id).first()
    if found is None:
        raise Http404
    return found


def get_article_to_write(user: Any, article_id: int) -> Article:
    """For changing it: authors only."""
    if not may_write(user):
        raise PermissionDenied
    return get_article(user, article_id)
