"""The buttons beside Save, and the actions on many articles: each calls one function and reports the result."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from knowledge.articles import proposals, publishing, translations
from knowledge.models import Article

REFUSED = (publishing.NothingToPublish, publishing.NeedsAnotherPerson)


class NoTime(Exception):
    """“Publish later” without a valid time."""

    def __init__(self) -> None:
        super().__init__(_("Choose the day and time of publication."))


def chosen_time(posted: Mapping[str, str]) -> datetime:
    """The value of a datetime-local field, in the desk's time zone. Raises NoTime."""
    try:
        found = parse_datetime(posted.get("publish_at", ""))
    except ValueError:
        found = None
    if found is None:
        raise NoTime
    return found if timezone.is_aware(found) else timezone.make_aware(found)


# Called with the article, who pressed the button, and the posted form.
VERBS: dict[str, Callable[[Article, Any, Mapping[str, str]], object]] = {
    "approve": lambda article, user, posted: publishing.approve(article, by=user),
    "propose": lambda article, user, posted: proposals.propose(article, by=user),
    "schedule": lambda article, user, posted: proposals.schedule(article, chosen_time(posted), by=user),
    "withdraw": lambda article, user, posted: proposals.withdraw(article),
    "confirm": lambda article, user, posted: translations.confirm(article),
    "unpublish": lambda article, user, posted: publishing.unpublish(article),
    "archive": lambda article, user, posted: publishing.archive(article),
}


def pressed(request: HttpRequest) -> str | None:
    """The button that was pressed instead of Save: `_approve`, `_propose`, `_schedule` …"""
    return next((name for name in VERBS if f"_{name}" in request.POST), None)


def act(name: str, articles: list[Article], user: Any, posted: Mapping[str, str]) -> tuple[list[Article], list[str]]:
    """The articles it worked for, and for each of the others a message that says why not."""
    done: list[Article] = []
    refused: list[str] = []
    for article in articles:
        try:
            VERBS[name](article, user, posted)
        except (*REFUSED, NoTime) as error:
            one = len(articles) == 1
            refused.append(str(error) if one else _("“%(title)s”: %(problem)s") % {"title": article, "problem": error})
            continue
        done.append(article)
    return done, refused


def said(name: str, done: list[Article]) -> str:
    """The message after `act`, for one article or for several."""
    return _of_many(name, len(done)) if len(done) > 1 else _of_one(name, done[0])


def _of_one(name: str, article: Article) -> str:
    if name == "schedule":
        return _scheduled(article)
    text = {
        "approve": _("“%(title)s” is approved and searchable."),
        "propose": _("“%(title)s” is waiting for another member’s approval."),
        "withdraw": _("“%(title)s” is no longer waiting for approval or publication. Its text is kept."),
        "confirm": _("“%(title)s” is marked as up to date with the original."),
        "unpublish": _("“%(title)s” is a draft again and no longer searchable."),
        "archive": _("“%(title)s” is archived and no longer searchable."),
    }[name]
    return text % {"title": article}


def _scheduled(article: Article) -> str:
    if article.publish_at is None:
        return _("“%(title)s” is approved and searchable now, because the time has passed.") % {"title": article}
    date = date_format(timezone.localtime(article.publish_at), "SHORT_DATETIME_FORMAT")
    return _("“%(title)s” is approved and will be published on %(date)s.") % {"title": article, "date": date}


def _of_many(name: str, count: int) -> str:
    """Only what the list of articles offers for several."""
    text = {
        "approve": ngettext(
            "%(count)d article is approved and searchable.", "%(count)d articles are approved and searchable.", count
        ),
        "propose": ngettext(
            "%(count)d article is waiting for another member’s approval.",
            "%(count)d articles are waiting for another member’s approval.",
            count,
        ),
        "unpublish": ngettext(
            "%(count)d article is a draft again and no longer searchable.",
            "%(count)d articles are drafts again and no longer searchable.",
            count,
        ),
        "archive": ngettext(
            "%(count)d article is archived and no longer searchable.",
            "%(count)d articles are archived and no longer searchable.",
            count,
        ),
    }[name]
    return text % {"count": count}
