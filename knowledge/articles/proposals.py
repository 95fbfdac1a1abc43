"""Asking for approval, scheduling publication, withdrawing both. The only writer of an article's proposal."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from knowledge.articles.publishing import (
    NO_PROPOSAL,
    Author,
    NeedsAnotherPerson,
    NothingToPublish,
    approve,
    may_approve,
)
from knowledge.models import Article, Revision
from knowledge.text.chunking import chunk

logger = logging.getLogger(__name__)


def propose(article: Article, *, by: Author) -> Revision:
    """Ask a colleague to approve the newest revision. Nothing changes for readers."""
    revision = _newest(article)
    _write(article, proposed=revision, proposed_by=by, proposed_at=timezone.now(), publish_at=None)
    return revision


def schedule(article: Article, when: datetime, *, by: Author) -> Revision:
    """Approve the newest revision and publish it at `when`; at once if that time has passed."""
    if when <= timezone.now():
        return approve(article, by=by)
    revision = _newest(article)
    if not may_approve(revision, by):
        raise NeedsAnotherPerson(revision)
    proposer = article.proposed_by if article.proposed_id == revision.pk else by
    _write(article, proposed=revision, proposed_by=proposer, proposed_at=timezone.now(), publish_at=when)
    return revision


def withdraw(article: Article) -> bool:
    """Withdraw a request for approval or a scheduled publication. True if there was one."""
    there = article.proposed_id is not None
    _write(article, **NO_PROPOSAL)
    return there


def publish_due(now: datetime | None = None) -> list[int]:
    """Publish what is due and return the article ids. Runs every minute; running twice is harmless."""
    due = Article.objects.filter(publish_at__lte=now or timezone.now()).order_by("publish_at", "id")
    return [article_id for article_id in due.values_list("id", flat=True) if _publish(article_id)]


def _publish(article_id: int) -> bool:
    with transaction.atomic():
        article = Article.objects.select_for_update(of=("self",)).select_related("proposed").get(pk=article_id)
        # An author may have withdrawn or rescheduled it since the list was read.
        if article.proposed is None or article.publish_at is None or article.publish_at > timezone.now():
            return False
        try:
            approve(article, revision=article.proposed)
        except NothingToPublish:
            logger.warning("Article %s is due for publication, but its text is empty", article_id)
            _write(article, **NO_PROPOSAL)
            return False
    return True


def _newest(article: Article) -> Revision:
    revision = article.revisions.order_by("-number").first()
    if revision is None or not chunk(revision.body_md, revision.title):
        raise NothingToPublish(article.title)
    return revision


def _write(article: Article, **values: object) -> None:
    for name, value in values.items():
        setattr(article, name, value)
    article.save(update_fields=list(values))
