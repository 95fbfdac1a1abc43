"""The text of internal articles, as shingles kept in memory: a reply is compared with all of them at every check."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Sum

from copilot.presend.copied import Shingle, runs, secrets_of, shingles_of
from copilot.presend.facts import Internal
from knowledge.models import Article

MOST = 3  # articles from which one reply is said to be copied


@dataclass(frozen=True)
class _Kept:
    """`articles`: hash of a shingle -> id of an article that has it. `version`: of what it was read from."""

    version: tuple[Any, ...]
    articles: dict[int, int]


_kept = _Kept((), {})


def copied_from(text: str) -> list[Internal]:
    """The internal articles that runs of the text are from. One query, or two if there are any."""
    known = _known()
    if not known or not (found := runs(text, lambda shingle: hash(shingle) in known)):
        return []
    shingles = shingles_of(text[run.start : run.end] for run in found)
    return _texts(sorted(_ids(shingles, known))[:MOST])


def _ids(shingles: Collection[Shingle], known: dict[int, int]) -> set[int]:
    return {known[code] for shingle in shingles if (code := hash(shingle)) in known}


def _texts(ids: Sequence[int]) -> list[Internal]:
    articles = Article.objects.filter(pk__in=ids).select_related("published")
    return [Internal(_text(article), article.title) for article in articles]


def _text(article: Article) -> str:
    """What authors work on, and what is published."""
    published = article.published.body_md if article.published else ""
    return article.body_md if published == article.body_md else f"{article.body_md}\n\n{published}"


def _known() -> dict[int, int]:
    """Read again when an internal article was changed, added or made public."""
    global _kept
    internal = Article.objects.filter(audience=Article.Audience.INTERNAL)
    changed = {"count": Count("pk"), "at": Max("updated_at"), "ids": Sum("pk"), "published": Sum("published")}
    version = tuple(internal.aggregate(**changed).values())
    if version != _kept.version:
        texts = ((article.pk, _text(article)) for article in internal.select_related("published"))
        _kept = _Kept(version, {hash(each): pk for pk, text in texts for each in secrets_of([text])})
    return _kept.articles
