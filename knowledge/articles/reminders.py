"""Mails owners when articles are due for review: once 14 days before the date, and once when it has passed."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.web.language import desk_language
from knowledge.models import Article

logger = logging.getLogger(__name__)

AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Reminded:
    mails: int
    articles: int
    without_address: int  # articles whose owner has no address or has left
    failed: int  # mails that could not be sent; tried again the next day


def is_reminder_due(review_by: date, reminded_on: date | None, today: date) -> bool:
    """From 14 days before the review date, and again once it has passed. A new date starts over. Pure."""
    if review_by - AHEAD > today:
        return False
    if reminded_on is None or reminded_on < review_by - AHEAD:
        return True
    return review_by < today and reminded_on <= review_by


def remind(today: date | None = None) -> Reminded:
    """One mail to each owner. Runs daily; a second run on the same day sends nothing."""
    today = today or timezone.localdate()
    due = [
        each
        for each in _candidates(today)
        if each.review_by and is_reminder_due(each.review_by, each.reminded_on, today)
    ]
    reachable = [each for each in due if each.owner and each.owner.is_active and each.owner.email]
    sent = reminded = failed = 0
    for owner, articles in _by_owner(reachable):
        if _mail(owner, articles, today):
            sent, reminded = sent + 1, reminded + len(articles)
        else:
            failed += 1
    report = Reminded(sent, reminded, len(due) - len(reachable), failed)
    if due:
        logger.info("Review reminders: %s", report)
    return report


def _candidates(today: date) -> Iterable[Article]:
    """A superset, for `is_reminder_due` to decide. Archived articles need no review."""
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


def _mail(owner: Any, articles: list[Article], today: date) -> bool:
    """Mark first, then mail: a crash in between loses one reminder instead of repeating it every day."""
    ids = [article.pk for article in articles]
    before = {article.pk: article.reminded_on for article in articles}
    Article.objects.filter(pk__in=ids).update(reminded_on=today)
    try:
        with translation.override(desk_language(owner.language)):
            send_mail(subject(articles, today), text(owner, articles, today), None, [owner.email])
    except Exception as error:  # mail servers fail in many ways, with no common base class
        logger.warning("Reminder for user %s not sent: %s", owner.pk, type(error).__name__)
        for article_id, was in before.items():
            Article.objects.filter(pk=article_id).update(reminded_on=was)
        return False
    return True


def subject(articles: Sequence[Article], today: date) -> str:
    overdue = sum(1 for each in articles if each.review_by and each.review_by < today)
    count = len(articles)
    if overdue:
        text = ngettext(
            "%(count)d article to review, %(overdue)d overdue",
            "%(count)d articles to review, %(overdue)d overdue",
            count,
        )
    else:
        text = ngettext("%(count)d article to review", "%(count)d articles to review", count)
    return text % {"count": count, "overdue": overdue}


def text(owner: Any, articles: Sequence[Article], today: date) -> str:
    lines = [
        _("Hello %(name)s,") % {"name": owner.name},
        "",
        _("Please review these articles that you own. If everything is still correct, set a new review date."),
        "",
    ]
    for each in articles:
        link = settings.DESK_URL + reverse("admin:knowledge_article_change", args=[each.pk])
        day = each.review_by or today
        due = _("Review was due on %(date)s.") if day < today else _("Review is due on %(date)s.")
        lines += [f"- {each.title}", f"  {due % {'date': date_format(day, 'SHORT_DATE_FORMAT')}}", f"  {link}", ""]
    return "\n".join(lines)
