"""Who may read and who may write articles. Fetching is authorising: views get articles only here."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from knowledge.models import Article, ArticleQuerySet


def may_read(user: Any) -> bool:
    """Every member of the team; internal articles are internal to all of them."""
    return bool(user.is_authenticated and user.is_active)


def may_write(user: Any) -> bool:
    return bool(getattr(user, "writes_articles", False))


def reader_required(view: Callable[..., Any]) -> Callable[..., Any]:
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_read(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def may_curate(user: Any, method: str = "GET") -> bool:
    """Gaps, hygiene, the sandbox: authors and leads; auditors may look."""
    looks = method in {"GET", "HEAD"} and getattr(user, "role", "") == "auditor" and user.is_active
    return may_write(user) or looks


def curator_required(view: Callable[..., Any]) -> Callable[..., Any]:
    @login_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_curate(request.user, request.method or ""):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


def readable_articles(user: Any) -> ArticleQuerySet:
    """Authors see their drafts too; everyone else what is published, expired or not."""
    if may_write(user):
        return Article.objects.all()
    if may_read(user):
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
