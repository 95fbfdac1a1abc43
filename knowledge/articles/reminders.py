"""Tells owners, once per due date by e-mail, that articles want reading again: 14 days before, and when overdue."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from knowledge.models import Article

logger = logging.getLogger(__name__)

AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Reminded:
    mails: int
    articles: int
    without_address: int  # articles whose owner has no e-mail address or has left
    failed: int  # mails that could not be sent; tried again the next day


def wants_telling(review_by: date, reminded_on: date | None, today: date) -> bool:
    """Twice for one due date: from 14 days before it, and once it is past. A new due date starts anew. Pure."""
    if review_by - AHEAD > today:
        return False
    if reminded_on is None or reminded_on < review_by - AHEAD:
        return True
    return review_by < today and reminded_on <= review_by


def remind(today: date | None = None) -> Reminded:
    """One mail for each owner. Run daily; a second run on the same day sends nothing."""
    today = today or timezone.localdate()
    due = [
        each for each in _candidates(today) if each.review_by and wants_telling(each.review_by, each.reminded_on, today)
    ]
    reachable = [each for each in due if each.owner and each.owner.is_active and each.owner.email]
    sent = told = failed = 0
    for owner, articles in _by_owner(reachable):
        if _tell(owner, articles, today):
            sent, told = sent + 1, told + len(articles)
        else:
            failed += 1
    report = Reminded(sent, told, len(due) - len(reachable), failed)
    if due:
        logger.info("Review reminders: %s", report)
    return report


def _candidates(today: date) -> Iterable[Article]:
    """Roughly those that want telling; archived articles rest. `wants_telling` decides."""
    return (
        Article.objects.exclude(state=Article.State.ARCHIVED)
        .filter(review_by__lte=today + AHEAD)
        .filter(Q(reminded_on__isnull=True) | Q(reminded_on__lte=F("review_by")))
        .select_related("owner")
        .defer("body_md")
        .order_by("review_by", "title")
    )


def _by_owner(articles: Sequence[Article]) -> list[tuple[Any, list[Article]]]:
    grouped: dict[int, list[Article]] = {}
    for article in articles:
        grouped.setdefault(article.owner_id or 0, []).append(article)
    return [(found[0].owner, found) for found in grouped.values()]


def _tell(owner: Any, articles: list[Article], today: date) -> bool:
    """Note first, mail then: a crash between the two costs one reminder, not one every day."""
    ids = [article.pk for article in articles]
    before = {article.pk: article.reminded_on for article in articles}
    Article.objects.filter(pk__in=ids).update(reminded_on=today)
    try:
        send_mail(subject(articles, today), text(owner, articles, today), None, [owner.email])
    except Exception as error:  # any mail server's errors; their families share no base
        logger.warning("Reminder for user %s not sent: %s", owner.pk, type(error).__name__)
        for article_id, was in before.items():
            Article.objects.filter(pk=article_id).update(reminded_on=was)
        return False
    return True


def subject(articles: Sequence[Article], today: date) -> str:
    overdue = sum(1 for each in articles if each.review_by and each.review_by < today)
    many = "1 article" if len(articles) == 1 else f"{len(articles)} articles"
    return f"{many} to read again" + (f", {overdue} overdue" if overdue else "")


def text(owner: Any, articles: Sequence[Article], today: date) -> str:
    lines = [
        f"Hello {owner.name},",
        "",
        "these articles of yours want reading again. Where all is still true, set a new review date.",
        "",
    ]
    for each in articles:
        link = settings.DESK_URL + reverse("admin:knowledge_article_change", args=[each.pk])
        late = each.review_by is not None and each.review_by < today
        lines += [f"- {each.title}", f"  {'was due' if late else 'due'} {each.review_by:%-d %B %Y}", f"  {link}", ""]
    return "\n".join(lines)
