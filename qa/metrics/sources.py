"""Which articles drafts may use as sources, which not and why; who owns them; whether they were reviewed in time."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config import formats
from knowledge.articles.publishing import Author
from knowledge.models import Article
from qa.metrics.metrics import Share

NO_OWNER = 0
STATES = {
    "usable": gettext_lazy("Used in drafts"),
    "not": gettext_lazy("Not used in drafts"),
    "overdue": gettext_lazy("Review overdue"),
    "undated": gettext_lazy("No review date"),
}


class Obstacle(TextChoices):
    """Why no draft may use an article."""

    ARCHIVED = "archived", gettext_lazy("archived")
    DRAFT = "draft", gettext_lazy("not published")
    EXPIRED = "expired", gettext_lazy("expired")
    INTERNAL = "internal", gettext_lazy("internal: agents can read it, drafts cannot quote it")


@dataclass(frozen=True)
class Source:
    """One article. `obstacle` is None where drafts may use it."""

    article: Article
    obstacle: Obstacle | None
    overdue: bool
    undated: bool

    @property
    def usable(self) -> bool:
        return self.obstacle is None

    @property
    def why_not(self) -> str:
        """The obstacle in words. Empty for a usable article."""
        if self.obstacle == Obstacle.EXPIRED and self.article.expires_at:
            day = formats.day_month_year(timezone.localdate(self.article.expires_at))
            return _("expired on %(day)s") % {"day": day}
        return str(self.obstacle.label) if self.obstacle else ""

    @property
    def owner(self) -> int:
        return self.article.owner_id or NO_OWNER

    def matches(self, state: str) -> bool:
        return {
            "usable": self.usable,
            "not": not self.usable,
            "overdue": self.usable and self.overdue,
            "undated": self.usable and self.undated,
        }.get(state, True)


@dataclass(frozen=True)
class Freshness:
    """Review dates of the usable articles."""

    in_time: Share
    overdue: int
    undated: int


def read(now: datetime) -> list[Source]:
    """Every article, by title, in one query."""
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
    return Source(article, obstacle(article, now), overdue=bool(due and due < today), undated=due is None)


def obstacle(article: Article, now: datetime) -> Obstacle | None:
    """Why drafts may not use the article, or None."""
    if article.state == Article.State.ARCHIVED:
        return Obstacle.ARCHIVED
    if article.state != Article.State.APPROVED or article.published_id is None:
        return Obstacle.DRAFT
    if article.expires_at is not None and article.expires_at <= now:
        return Obstacle.EXPIRED
    if article.audience == Article.Audience.INTERNAL:
        return Obstacle.INTERNAL
    return None


def freshness(found: Sequence[Source]) -> Freshness:
    """Reviewed in time: the article has a review date that has not passed."""
    good = [each for each in found if each.usable]
    overdue, undated = (sum(each.matches(state) for each in good) for state in ("overdue", "undated"))
    return Freshness(Share(len(good) - overdue - undated, len(good)), overdue, undated)


def owners(found: Iterable[Source]) -> list[tuple[int, str, int]]:
    """(id, name, number of articles that are not archived): articles without an owner first, then by number."""
    kept = [each for each in found if each.article.state != Article.State.ARCHIVED]
    counts = Counter(each.owner for each in kept)
    names = {each.owner: _name(each.article.owner) for each in kept}
    return sorted(
        ((owner, names[owner], count) for owner, count in counts.items()), key=lambda row: (row[0] != NO_OWNER, -row[2])
    )


def _name(owner: Author) -> str:
    return owner.name if owner else _("No owner")


def chosen(
    found: Iterable[Source], state: str = "", owner: int | None = None, category: str | None = None
) -> list[Source]:
    return [
        each
        for each in found
        if each.matches(state)
        and (owner is None or each.owner == owner)
        and (category is None or each.article.category == category)
    ]
