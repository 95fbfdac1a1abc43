"""The source-of-truth list: which articles may ground a draft, which not and why; who owns them; how fresh they are."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from knowledge.articles.publishing import Author
from knowledge.models import Article
from qa.metrics.metrics import Share

NO_OWNER = 0
STATES = {"grounds": "May ground drafts", "not": "May not", "overdue": "Review overdue", "undated": "No review date"}


@dataclass(frozen=True)
class Source:
    """One article. `why_not` is empty for those that may ground a draft."""

    article: Article
    why_not: str
    overdue: bool
    undated: bool

    @property
    def grounds(self) -> bool:
        return not self.why_not

    @property
    def owner(self) -> int:
        return self.article.owner_id or NO_OWNER

    def is_(self, state: str) -> bool:
        return {
            "grounds": self.grounds,
            "not": not self.grounds,
            "overdue": self.grounds and self.overdue,
            "undated": self.grounds and self.undated,
        }.get(state, True)


@dataclass(frozen=True)
class Freshness:
    """Of the articles that may ground a draft."""

    in_time: Share
    overdue: int
    undated: int


def read(now: datetime) -> list[Source]:
    """Every article by title; one query."""
    rows = (
        Article.objects.select_related("owner", "published")
        .defer("body_md", "published__body_md")
        .order_by("title", "id")
    )
    return [source(article, now) for article in rows]


def source(article: Article, now: datetime) -> Source:
    """Pure."""
    today = timezone.localdate(now)
    due = article.review_by
    return Source(article, why_not(article, now), overdue=bool(due and due < today), undated=due is None)


def why_not(article: Article, now: datetime) -> str:
    """Why no draft may rest on it, in words; empty when one may."""
    if article.state == Article.State.ARCHIVED:
        return "archived"
    if article.state != Article.State.APPROVED or article.published_id is None:
        return "a draft, not published"
    if article.expires_at is not None and article.expires_at <= now:
        return f"expired on {timezone.localdate(article.expires_at):%-d %b %Y}"
    if article.audience == Article.Audience.INTERNAL:
        return "internal: agents see it, drafts do not quote it"
    return ""


def freshness(found: Sequence[Source]) -> Freshness:
    """Reviewed in time: has a review date, and it has not passed."""
    good = [each for each in found if each.grounds]
    overdue, undated = (sum(each.is_(state) for each in good) for state in ("overdue", "undated"))
    return Freshness(Share(len(good) - overdue - undated, len(good)), overdue, undated)


def owners(found: Iterable[Source]) -> list[tuple[int, str, int]]:
    """(id, name, articles that may ground drafts or wait to), without an owner first, then the most articles."""
    kept = [each for each in found if each.article.state != Article.State.ARCHIVED]
    counts = Counter(each.owner for each in kept)
    names = {each.owner: _name(each.article.owner) for each in kept}
    return sorted(
        ((owner, names[owner], count) for owner, count in counts.items()), key=lambda row: (row[0] != NO_OWNER, -row[2])
    )


def _name(owner: Author) -> str:
    return owner.name if owner else "Nobody"


def chosen(
    found: Iterable[Source], state: str = "", owner: int | None = None, category: str | None = None
) -> list[Source]:
    return [
        each
        for each in found
        if each.is_(state)
        and (owner is None or each.owner == owner)
        and (category is None or each.article.category == category)
    ]
