"""Three months of visitors in the help center, as the rows that they would have left. No model searched anything, so
searches have no score. The same seed makes the same visits."""

import json
import random
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from demo.content import HERE
from knowledge.models import Article, HelpRead, HelpSearch, HelpVisit, HelpVote
from tickets.models import Ticket

VISITS = 340
DAYS = 88
SEED = 20
FOUND = 0.82  # share of searches for something that an article answers
OPENED = 0.74  # share of those that open an article
VOTED = 0.3
HELPED = 0.8
LACKING = 0.35  # like HELPED, for articles with critical comments


class _Rows:
    def __init__(self) -> None:
        self.visits: list[HelpVisit] = []
        self.searches: list[HelpSearch] = []
        self.reads: list[HelpRead] = []
        self.votes: list[HelpVote] = []


def write(now: datetime | None = None) -> int:
    """Write the visits of the last three months. Some lead to an existing web ticket. Returns the number of visits."""
    now = now or timezone.now()
    content = json.loads((HERE / "help_searches.json").read_text(encoding="utf-8"))
    articles = _articles(content)
    chance, rows = random.Random(SEED), _Rows()  # noqa: S311 - the same demo each time, not a secret
    for moment in sorted(now - timedelta(days=chance.uniform(1.5, DAYS)) for _ in range(VISITS)):
        _visit(chance, rows, content, articles, moment)
    HelpVisit.objects.bulk_create(rows.visits)
    HelpSearch.objects.bulk_create(rows.searches)
    HelpRead.objects.bulk_create(rows.reads)
    HelpVote.objects.bulk_create(rows.votes)
    _tickets(chance, rows)
    return len(rows.visits)


def clear() -> None:
    HelpVisit.objects.all().delete()


def _articles(content: dict[str, Any]) -> dict[str, Article]:
    wanted = {each["article"] for each in content["answered"]}
    return {
        (article.external_id or "").rpartition("/")[2]: article
        for article in Article.objects.published().filter(audience=Article.Audience.PUBLIC)
        if (article.external_id or "").rpartition("/")[2] in wanted
    }


def _visit(
    chance: random.Random, rows: _Rows, content: dict[str, Any], articles: dict[str, Article], moment: datetime
) -> None:
    visit = HelpVisit(key=uuid.UUID(int=chance.getrandbits(128), version=4), started_at=moment)
    rows.visits.append(visit)
    for _ in range(chance.choice([1, 1, 1, 2, 2, 3])):
        topic = chance.choice(content["answered"]) if chance.random() < FOUND else None
        found = bool(topic and topic["article"] in articles)
        query = chance.choice(topic["queries"] if topic else content["unanswered"])
        search = HelpSearch(
            visit=visit, query=query, language="en", found=chance.randint(1, 4) if found else 0, searched_at=moment
        )
        rows.searches.append(search)
        moment += timedelta(seconds=chance.randint(40, 200))
        if topic and found and chance.random() < OPENED:
            article = articles[topic["article"]]
            rows.reads.append(HelpRead(visit=visit, article=article, search=search, read_at=moment))
            moment += timedelta(seconds=chance.randint(30, 240))
            _vote(chance, rows, content, topic["article"], article, visit, moment)


def _vote(
    chance: random.Random,
    rows: _Rows,
    content: dict[str, Any],
    slug: str,
    article: Article,
    visit: HelpVisit,
    moment: datetime,
) -> None:
    voted = any(vote.visit is visit and vote.article == article for vote in rows.votes[-3:])
    if chance.random() >= VOTED or voted:
        return
    comments = content["comments"].get(slug, [])
    helped = chance.random() < (LACKING if comments else HELPED)
    comment = chance.choice(comments) if comments and not helped and chance.random() < 0.5 else ""
    rows.votes.append(HelpVote(visit=visit, article=article, helped=helped, comment=comment, voted_at=moment))


def _tickets(chance: random.Random, rows: _Rows) -> None:
    """Link each web ticket of the history to a visitor who searched shortly before."""
    free = list(rows.visits)
    searched = {search.visit.key for search in rows.searches}
    moved: list[Ticket] = []
    for ticket in Ticket.objects.filter(channel=Ticket.Channel.WEB, help_visit=None).order_by("created_at", "pk"):
        before = [each for each in free if timedelta(0) < ticket.created_at - each.started_at < timedelta(hours=23)]
        if before and chance.random() < 0.9:
            visit = before[-1]
            assert visit.key in searched
            free.remove(visit)
            ticket.help_visit = visit.key
            moved.append(ticket)
    Ticket.objects.bulk_update(moved, ["help_visit"])
