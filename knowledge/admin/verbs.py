"""The buttons beside Save, and the same as actions on many: each calls one verb and says what came of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from knowledge.articles import proposals, publishing, translations
from knowledge.models import Article

REFUSED = (publishing.NothingToPublish, publishing.NeedsAnotherPerson)


class NoTime(Exception):
    """“Approve for later” without a time that can be read."""

    def __init__(self) -> None:
        super().__init__("Choose the day and time at which it is to be published.")


@dataclass(frozen=True)
class Verb:
    act: Callable[[Article, Any, Mapping[str, str]], object]
    said: str  # after “Title” is …


def chosen_time(posted: Mapping[str, str]) -> datetime:
    """What a datetime-local field holds, in the desk's time zone. Raises NoTime."""
    try:
        found = parse_datetime(posted.get("publish_at", ""))
    except ValueError:
        found = None
    if found is None:
        raise NoTime
    return found if timezone.is_aware(found) else timezone.make_aware(found)


VERBS: dict[str, Verb] = {
    "approve": Verb(lambda article, user, _: publishing.approve(article, by=user), "approved and searchable."),
    "propose": Verb(
        lambda article, user, _: proposals.propose(article, by=user), "waiting for a colleague's approval."
    ),
    "later": Verb(
        lambda article, user, posted: proposals.approve_later(article, chosen_time(posted), by=user), "approved{when}."
    ),
    "withdraw": Verb(lambda article, user, _: proposals.withdraw(article), "no longer proposed; its text is kept."),
    "same": Verb(
        lambda article, user, _: translations.still_says_the_same(article), "marked as saying the same as the original."
    ),
    "unpublish": Verb(lambda article, user, _: publishing.unpublish(article), "no longer searchable."),
    "archive": Verb(lambda article, user, _: publishing.archive(article), "archived and no longer searchable."),
}


def pressed(request: HttpRequest) -> str | None:
    """The button beside Save: `_approve`, `_propose`, `_later` …"""
    return next((name for name in VERBS if f"_{name}" in request.POST), None)


def act(name: str, articles: list[Article], user: Any, posted: Mapping[str, str]) -> tuple[list[Article], list[str]]:
    """Those that it was done to, and in words why it was not done to the others."""
    done: list[Article] = []
    refused: list[str] = []
    for article in articles:
        try:
            VERBS[name].act(article, user, posted)
        except (*REFUSED, NoTime) as error:
            refused.append(str(error) if len(articles) == 1 else f"“{article}”: {error}")
            continue
        done.append(article)
    return done, refused


def said(name: str, done: list[Article]) -> str:
    what = f"“{done[0]}” is" if len(done) == 1 else f"{len(done)} articles are"
    when = ""
    if name == "later":
        at = done[0].publish_at
        when = f" for {timezone.localtime(at):%-d %B %Y, %H:%M}" if at else " and searchable now: that time is past"
    return f"{what} {VERBS[name].said.format(when=when)}"
