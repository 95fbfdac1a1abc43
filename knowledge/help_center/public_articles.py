"""Which articles visitors may read. Every article of the help center comes from here, checked in SQL each time."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from config.web.public_site import language_name, ui_languages
from knowledge.help_center import addresses
from knowledge.models import Article, ArticleQuerySet, HelpRead

POPULAR_DAYS = 90
POPULAR = 200  # articles whose reads are counted
LISTED = 1000  # articles on one page at most; the search finds the others
FALLBACK = "en"
LANGUAGE = r"^[A-Za-z][A-Za-z0-9-]{1,7}$"  # what fits into an address (urls.py)


@dataclass(frozen=True)
class Entry:
    """A public article in a list."""

    id: int
    title: str
    category: str
    language: str
    published_at: datetime | None
    reads: int = 0

    @property
    def language_name(self) -> str:
        """As its speakers call it."""
        return language_name(self.language)

    @property
    def url(self) -> str:
        return addresses.article(self.language, self.id, self.title)


def public() -> ArticleQuerySet:
    """Approved, not expired, audience "public". Visitors get articles in no other way."""
    return Article.objects.published().filter(audience=Article.Audience.PUBLIC, language__regex=LANGUAGE)


def get(article_id: int) -> Article | None:
    return public().select_related("published").filter(pk=article_id).first()


def languages() -> list[str]:
    """Languages that have public articles, the one with the most first."""
    counted = public().order_by().values("language").annotate(articles=Count("pk"))
    return [row["language"] for row in sorted(counted, key=lambda row: (-row["articles"], row["language"]))]


def default_language(available: Iterable[str]) -> str:
    there = list(available)
    return FALLBACK if FALLBACK in there or not there else there[0]


def versions(article: Article) -> dict[str, Article]:
    """This article and its translations by language. Of two in one language: the original, else the older."""
    root = article.translation_of_id or article.pk
    rows = public().select_related("published").filter(Q(pk=root) | Q(translation_of=root)).order_by("-pk")
    found = {row.language: row for row in rows}
    return found | {article.language: article}


def served(language: str, available: Iterable[str]) -> bool:
    """Whether the language has pages: it has articles, or our texts are translated into it and stand around articles
    in the default language."""
    there = list(available)
    return language in there or language == default_language(there) or language in ui_languages()


def listing(language: str, available: Iterable[str]) -> list[Entry]:
    """Articles for readers of a language, by title, with how often each was read lately: those in it, and those in the
    default language that are not translated."""
    rows = public().filter(language=language) | _untranslated(language, default_language(available))
    values = rows.order_by("published__title", "pk").values_list(
        "pk", "published__title", "category", "language", "published_at"
    )
    reads = popular()
    return [Entry(*row, reads=reads[row[0]]) for row in values[:LISTED]]


def _untranslated(language: str, default: str) -> ArticleQuerySet:
    """Articles in the default language that have no version in this one."""
    topic = Coalesce("translation_of", "pk")
    covered = public().filter(language=language).order_by().annotate(topic=topic).values("topic")
    topics = public().annotate(topic=topic).filter(language=default).exclude(topic__in=covered)
    return public().filter(pk__in=topics.order_by().values("pk"))


def entries(article_ids: Iterable[int]) -> dict[int, Entry]:
    """Those of the articles that are public now, by id."""
    rows = public().filter(pk__in=list(article_ids))
    values = rows.values_list("pk", "published__title", "category", "language", "published_at")
    return {row[0]: Entry(*row) for row in values}


def popular() -> Counter[int]:
    """Reads by article over the last POPULAR_DAYS days."""
    since = timezone.now() - timedelta(days=POPULAR_DAYS)
    counted = HelpRead.objects.filter(read_at__gte=since).order_by().values("article").annotate(reads=Count("pk"))
    rows = counted.order_by("-reads").values_list("article", "reads")[:POPULAR]
    return Counter(dict(rows))
