"""The only writer of visits, searches, reads and votes. A visit is a random key in a cookie, nothing else."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import zip_longest

from django.conf import settings
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from config.web.public_site import VISIT_COOKIE, visit_key
from knowledge.gaps import recording
from knowledge.help_center.masking import mask
from knowledge.models import Article, Gap, HelpRead, HelpSearch, HelpVisit, HelpVote

logger = logging.getLogger(__name__)

COOKIE_AGE = 90 * 24 * 3600  # seconds
TYPING = timedelta(seconds=30)  # a search this soon after the last may continue it
FROM_SEARCH = timedelta(minutes=30)  # an article opened this soon after a search counts as its result
GAVE_UP_AFTER = timedelta(minutes=2)  # without another search the visitor has given up
RECENT = timedelta(hours=24)  # what the contact form lists, and what a worker that was down catches up on
BATCH = 500


def current(request: HttpRequest) -> HelpVisit | None:
    key = visit_key(request)
    return HelpVisit.objects.filter(key=key).first() if key else None


def current_or_new(request: HttpRequest) -> HelpVisit:
    """The visit of this browser. A key that we did not issue starts a new one."""
    return current(request) or HelpVisit.objects.create()


def set_cookie(response: HttpResponse, visit: HelpVisit) -> None:
    """For our own site, hidden from scripts, for 90 days."""
    response.set_cookie(
        VISIT_COOKIE, str(visit.key), max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=settings.HTTPS
    )


def extends(before: str, now: str) -> bool:
    """Whether one query is the other with more or fewer letters at its end. A masked last word fits any word."""
    one, other = sorted((before.casefold().split(), now.casefold().split()), key=len)
    if one[:-1] != other[: max(0, len(one) - 1)]:
        return False
    if not one:
        return True
    last, beside = one[-1], other[len(one) - 1]
    return last.startswith(beside) or beside.startswith(last) or "<" in (last[0], beside[0])


def record_search(visit: HelpVisit, query: str, language: str, found: int, best_score: float | None) -> HelpSearch:
    """Masked. A search that continues the previous one replaces it, so that only the finished question is stored."""
    now = timezone.now()
    asked = mask(query)[:300]
    values = {
        "query": asked,
        "language": language[:8],
        "found": found,
        "best_score": best_score,
        "searched_at": now,
    }
    with transaction.atomic():
        last = visit.searches.order_by("-searched_at", "-pk").first()
        typing = last and now - last.searched_at <= TYPING
        if last and typing and extends(last.query, asked) and not last.reads.exists():
            HelpSearch.objects.filter(pk=last.pk).update(**values)
            return last
        return HelpSearch.objects.create(visit=visit, **values)


def record_read(visit: HelpVisit, article: Article, via_search: bool) -> HelpRead:
    """One row for each article and search. Opening it again within half an hour adds none."""
    now = timezone.now()
    search = visit.searches.filter(searched_at__gte=now - FROM_SEARCH).first() if via_search else None
    recent = visit.reads.filter(article=article, read_at__gte=now - FROM_SEARCH)
    same = (recent.filter(search=search) if search else recent).first()
    return same or HelpRead.objects.create(visit=visit, article=article, search=search)


def vote(visit: HelpVisit, article: Article, helped: bool, comment: str = "") -> HelpVote:
    """A second vote replaces the first."""
    return HelpVote.objects.update_or_create(
        visit=visit,
        article=article,
        defaults={"helped": helped, "comment": mask(comment)[:500], "voted_at": timezone.now()},
    )[0]


def recently_read(visit: HelpVisit, since: datetime, limit: int) -> list[int]:
    """Article ids, newest first, each once."""
    rows = visit.reads.filter(read_at__gte=since).values_list("article_id", flat=True)[: 5 * limit]
    return list(dict.fromkeys(rows))[:limit]


def record_gaps() -> int:
    """Turns searches that found nothing into gaps, once their visitor has given up. Returns how many are new."""
    now = timezone.now()
    window = HelpSearch.objects.filter(searched_at__gte=now - RECENT).order_by("visit_id", "searched_at", "pk")
    rows = list(window.filter(visit__in=window.filter(found=0).values("visit")))
    failed = [row for row in unanswered(rows, now) if len(row.query) >= 3]
    names = [f"help:{row.pk}" for row in failed]
    there = set(Gap.objects.filter(asked_in__in=names).values_list("asked_in", flat=True))
    fresh = [row for row in failed if f"help:{row.pk}" not in there]
    for row in fresh:
        recording.record_gap(f"help:{row.pk}", row.query, language=row.language, best_score=row.best_score)
    return len(fresh)


def unanswered(rows: Sequence[HelpSearch], now: datetime) -> list[HelpSearch]:
    """Of searches in order of visit and time: those that found nothing and that no other search followed soon. Pure.

    A search by words alone (no score) says nothing about the knowledge base and is left out.
    """
    left = []
    for row, following in zip_longest(rows, rows[1:]):
        again = (
            following is not None
            and following.visit_id == row.visit_id
            and following.searched_at - row.searched_at <= GAVE_UP_AFTER
        )
        if not again and not row.found and row.best_score is not None and now - row.searched_at > GAVE_UP_AFTER:
            left.append(row)
    return left


def delete_old() -> int:
    """Deletes visits older than HELP_VISIT_DAYS with all their rows; returns how many visits."""
    before = timezone.now() - timedelta(days=settings.HELP_VISIT_DAYS)
    deleted = 0
    while ids := list(HelpVisit.objects.filter(started_at__lt=before).values_list("pk", flat=True)[:BATCH]):
        HelpVisit.objects.filter(pk__in=ids).delete()
        deleted += len(ids)
    return deleted


def log_failure(what: str, error: DatabaseError) -> None:
    """Only a log line: statistics must never keep a visitor from an article."""
    logger.warning("Help center: %s was not recorded: %s", what, type(error).__name__)
