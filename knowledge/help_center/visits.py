"""The only writer of visits, searches, reads and votes. A visit is a random key in a cookie and nothing else."""

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
BURST = timedelta(seconds=30)  # keystrokes of one question
FROM_SEARCH = timedelta(minutes=30)  # so long an opened answer belongs to the search before it
LEFT_AT_THAT = timedelta(minutes=2)  # nothing better asked for so long: the visitor gave up
GAPS_FROM = timedelta(hours=24)  # a worker that was away catches up with so much
BATCH = 500


def known(request: HttpRequest) -> HelpVisit | None:
    key = visit_key(request)
    return HelpVisit.objects.filter(key=key).first() if key else None


def begin(request: HttpRequest) -> HelpVisit:
    """The visit of this browser; a key that we did not give out starts a new one."""
    return known(request) or HelpVisit.objects.create()


def remember(response: HttpResponse, visit: HelpVisit) -> None:
    """First party, out of reach of scripts, 90 days."""
    response.set_cookie(
        VISIT_COOKIE, str(visit.key), max_age=COOKIE_AGE, httponly=True, samesite="Lax", secure=settings.HTTPS
    )


def extends(before: str, now: str) -> bool:
    """Whether one is the other typed further, or back. A masked word may be any word typed further."""
    one, other = sorted((before.casefold().split(), now.casefold().split()), key=len)
    if one[:-1] != other[: max(0, len(one) - 1)]:
        return False
    if not one:
        return True
    last, beside = one[-1], other[len(one) - 1]
    return last.startswith(beside) or beside.startswith(last) or "<" in (last[0], beside[0])


def keep_search(visit: HelpVisit, query: str, language: str, found: int, best_score: float | None) -> HelpSearch:
    """Masked. A search that continues the previous one replaces it: what is kept is what was asked in the end."""
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
        fresh = last and now - last.searched_at <= BURST
        if last and fresh and extends(last.query, asked) and not last.reads.exists():
            HelpSearch.objects.filter(pk=last.pk).update(**values)
            return last
        return HelpSearch.objects.create(visit=visit, **values)


def keep_read(visit: HelpVisit, article: Article, via_search: bool) -> HelpRead:
    """One row per article and search; looking again within half an hour is the same reading."""
    now = timezone.now()
    search = visit.searches.filter(searched_at__gte=now - FROM_SEARCH).first() if via_search else None
    recent = visit.reads.filter(article=article, read_at__gte=now - FROM_SEARCH)
    same = (recent.filter(search=search) if search else recent).first()
    return same or HelpRead.objects.create(visit=visit, article=article, search=search)


def vote(visit: HelpVisit, article: Article, helped: bool, comment: str = "") -> HelpVote:
    """A second answer replaces the first."""
    return HelpVote.objects.update_or_create(
        visit=visit,
        article=article,
        defaults={"helped": helped, "comment": mask(comment)[:500], "voted_at": timezone.now()},
    )[0]


def lately_read(visit: HelpVisit, since: datetime, limit: int) -> list[int]:
    """Article ids, the latest first, each once."""
    rows = visit.reads.filter(read_at__gte=since).values_list("article_id", flat=True)[: 5 * limit]
    return list(dict.fromkeys(rows))[:limit]


def record_gaps() -> int:
    """Questions that stayed without an answer become gaps, once their visitor has left it at that."""
    now = timezone.now()
    window = HelpSearch.objects.filter(searched_at__gte=now - GAPS_FROM).order_by("visit_id", "searched_at", "pk")
    rows = list(window.filter(visit__in=window.filter(found=0).values("visit")))
    open_ones = [row for row in unanswered(rows, now) if len(row.query) >= 3]
    names = [f"help:{row.pk}" for row in open_ones]
    there = set(Gap.objects.filter(asked_in__in=names).values_list("asked_in", flat=True))
    fresh = [row for row in open_ones if f"help:{row.pk}" not in there]
    for row in fresh:
        recording.record_gap(f"help:{row.pk}", row.query, language=row.language, best_score=row.best_score)
    return len(fresh)


def unanswered(rows: Sequence[HelpSearch], now: datetime) -> list[HelpSearch]:
    """Of searches in order of visit and time: the last ones of their burst that found nothing. Pure.

    A search by words alone (no score) says nothing about the knowledge base and is left out.
    """
    left = []
    for row, following in zip_longest(rows, rows[1:]):
        again = (
            following is not None
            and following.visit_id == row.visit_id
            and following.searched_at - row.searched_at <= LEFT_AT_THAT
        )
        if not again and not row.found and row.best_score is not None and now - row.searched_at > LEFT_AT_THAT:
            left.append(row)
    return left


def forget() -> int:
    """Visits past HELP_VISIT_DAYS, with all they hold; returns how many."""
    before = timezone.now() - timedelta(days=settings.HELP_VISIT_DAYS)
    gone = 0
    while ids := list(HelpVisit.objects.filter(started_at__lt=before).values_list("pk", flat=True)[:BATCH]):
        HelpVisit.objects.filter(pk__in=ids).delete()
        gone += len(ids)
    return gone


def quietly(what: str, error: DatabaseError) -> None:
    """Counting must never keep anybody from an answer."""
    logger.warning("Help center: %s was not kept: %s", what, type(error).__name__)
